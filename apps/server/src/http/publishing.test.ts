import { engines, LiveReader } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

describe.each(engines())('publishing over HTTP on %s', (engine) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const create = async (path: string, body: object): Promise<string> => {
    const { status, json } = await server.send(`POST ${path}`, body);
    expect(status, JSON.stringify(json)).toBe(201);
    return (json as { id: string }).id;
  };
  const stats = async (name: string) => {
    const { status, json } = await server.get(`/dashboard/stats/${name}`);
    expect(status).toBe(200);
    return json as Record<string, unknown>;
  };

  it('answers the five endpoints on an empty database', async () => {
    expect(await stats('overview')).toMatchObject({ total_videos: 0, total_jobs: 0, scheduled_publications: 0 });
    expect(await stats('queue')).toMatchObject({ pending: 0, avg_processing_time_ms: null, oldest_pending_age_seconds: null });
    expect(await stats('orchestrator')).toMatchObject({ last_run_at: null, actions_last_run: 0, queue_saturation: 0, active_workers: 0 });
    expect(Object.keys(await stats('platforms'))).toEqual(['instagram', 'tiktok', 'youtube', 'other']);
    expect(await stats('campaigns')).toEqual({ draft: 0, active: 0, paused: 0, completed: 0, total_budget_spent: 0 });
  });

  it('tells from creation to result, and in the figures, what became of a publication', async () => {
    const video = await create('/v1/videos', { title: 'A video' });
    const clip = await create('/v1/clips', { video_id: video, title: 'A clip', visual_score: 0.8 });
    const campaign = await create('/v1/campaigns', { name: 'A campaign', status: 'active', clip_ids: [clip], spend: 12.5 });
    await create(`/v1/videos/${video}/jobs`, { kind: 'nobody', platform: 'tiktok' });
    const id = await create('/v1/publications', { clip_id: clip, platform: 'tiktok', social_account_id: 'a', campaign_id: campaign });
    expect(await stats('overview')).toMatchObject({
      total_videos: 1,
      total_clips: 1,
      total_jobs: 1,
      pending_jobs: 1,
      total_campaigns: 1,
      scheduled_publications: 1,
    });
    const changed = await server.send(`PATCH /v1/publications/${id}`, { status: 'success', external_id: '=HYPERLINK("x")' });
    expect(changed).toMatchObject({ status: 200, json: { status: 'success' } });
    expect(await stats('queue')).toMatchObject({ pending: 0, success: 1, sample_count: 1 });
    expect(await stats('platforms')).toMatchObject({ tiktok: { clips_published: 1, clips_ready: 0, avg_score: 0.8 } });
    expect(await stats('campaigns')).toMatchObject({ active: 1, total_budget_spent: 12.5 });
    expect(await stats('orchestrator')).toMatchObject({ actions_last_run: 1, actions_last_24h: 1 });
    expect((await server.get('/dashboard/stats/queue?platform=youtube')).json).toMatchObject({ success: 0 });
    const csv = await server.get('/v1/publications/export.csv?platform=tiktok');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')[1]).toContain(`${id},${clip},tiktok,a,${campaign},success,,`);
    expect(csv.text).toContain(`"'=HYPERLINK(""x"")"`);
  });

  it('takes a CSV of more than a megabyte on the import path only, and gives back a workbook', async () => {
    const video = await create('/v1/videos', { title: 'A video' });
    await create('/v1/clips', { video_id: video, title: 'A clip', id: 'clip_csv' });
    const row = 'clip_csv,tiktok,csv,2030-01-01T00:00:00Z\n';
    const csv = `clip_id,platform,social_account_id,scheduled_for\n${row.repeat(30_000)}`;
    expect(csv.length).toBeGreaterThan(1_048_576);
    const send = async (path: string, type: string, body: string) => {
      const response = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
      return { status: response.status, json: await response.json() };
    };
    expect(
      await send('/v1/publications/import?dry_run=true&skip_invalid=true', 'text/csv; charset=utf-8', `${csv}clip_none,tiktok,a,\n`),
    ).toMatchObject({
      status: 200,
      json: { created: 30_000, skipped_count: 1, skipped: [{ line: 30_002, column: 'clip_id' }], is_dry_run: true },
    });
    expect(
      await send('/v1/publications/import', 'application/json', JSON.stringify({ content: `${csv.slice(0, 49)}${row}` })),
    ).toMatchObject({
      status: 200,
      json: { created: 1 },
    });
    expect(await send('/v1/publications/import', 'text/csv', `${csv.slice(0, 49)}clip_csv,tiktok,csv,soon\n`)).toMatchObject({
      status: 400,
      json: { code: 'VALIDATION', issues: [{ path: 'line 2, column scheduled_for' }] },
    });
    expect(await send('/v1/publications/import', 'text/plain', csv)).toMatchObject({ status: 415 });
    expect(await send('/v1/publications', 'application/json', JSON.stringify({ content: csv }))).toMatchObject({ status: 413 });
    expect(await send('/v1/publications', 'text/csv', row)).toMatchObject({ status: 415 });
    const workbook = await fetch(`${server.url}/v1/publications/export.xlsx?social_account_id=csv`);
    expect(workbook.headers.get('content-type')).toContain('spreadsheetml');
    expect(
      Buffer.from(await workbook.arrayBuffer())
        .subarray(0, 4)
        .toString('latin1'),
    ).toBe('PK\u0003\u0004');
  });

  it('follows the five statistics, at most once a second, and shows a dashboard of its own', async () => {
    const video = await create('/v1/videos', { title: 'A video' });
    const clip = await create('/v1/clips', { video_id: video, title: 'A clip' });
    const before = (await stats('queue'))['pending'] as number;
    const started = performance.now();
    await using live = await LiveReader.open(`${server.url}/dashboard/stats/live?platform=youtube`);
    expect(await live.next()).toMatchObject({
      data: { overview: {}, queue: { pending: 0 }, orchestrator: {}, platforms: {}, campaigns: {} },
    });
    for (let made = 0; made < 5; made += 1)
      await create('/v1/publications', { clip_id: clip, platform: 'youtube', social_account_id: 'live' });
    const seen = await live.until(({ data }) => (data['queue'] as { pending: number }).pending === 5);
    expect(seen.length).toBeLessThanOrEqual(1 + (performance.now() - started) / 1000);
    const id = await create('/v1/publishing/dashboards', { name: 'Mornings', items: [{ metric: 'queue.pending' }] });
    expect((await server.get(`/v1/publishing/dashboards/${id}/values`)).json).toMatchObject({
      dashboard: { id, owner: 'open' },
      values: [{ metric: 'queue.pending', value: before + 5 }],
    });
  });

  it('refuses what cannot be, naming the field', async () => {
    const refused = await server.send('POST /v1/publications', { clip_id: 'clip_none', platform: '__proto__', social_account_id: 'a' });
    expect(refused).toMatchObject({ status: 400, json: { code: 'VALIDATION', issues: [{ path: 'platform' }] } });
    expect(await server.get('/dashboard/stats/overview?platform=facebook')).toMatchObject({ status: 400 });
    expect(await server.get('/v1/publications/pub_none')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
  });
});
