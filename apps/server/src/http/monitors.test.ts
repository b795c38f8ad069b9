import { engines, LiveReader, startRedis, testRedisUrl, waitUntil } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

interface Job {
  job_id: string;
  lease_epoch: number;
  payload: { test_id: string; run_id: string };
}

const stores = [
  ...engines().map((engine) => ({ engine, history_store: 'sql' as const })),
  ...(testRedisUrl() === null ? [] : [{ engine: 'pglite' as const, history_store: 'redis' as const }]),
];

/** The test plans of requirement 002, through REST; an agent of the test's own answers for the monitored pages. */
describe.each(stores)('monitors over HTTP on $engine, history in $history_store', ({ engine, history_store }) => {
  let server: TestServer;
  let worker: string;
  let redis: Awaited<ReturnType<typeof startRedis>> | null = null;

  beforeAll(async () => {
    redis = history_store === 'redis' ? await startRedis() : null;
    server = await startTestServer(engine, { config: { history_store, redis_url: redis?.url ?? null } });
    const body = {
      name: 'prober',
      worker_type: 'test',
      version: '1',
      isolations: ['process'],
      kinds: ['monitor'],
      queues: ['monitors'],
      slots: 10,
    };
    worker = ((await server.send('POST /v1/workers', body)).json as { worker_id: string }).worker_id;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await redis?.stop();
  });

  const create = async (body: object = {}): Promise<string> => {
    const answer = await server.send('POST /api/tests', {
      name: 'Login Flow',
      url: 'https://example.com/login',
      status: 'paused',
      ...body,
    });
    expect(answer.status).toBe(201);
    return (answer.json as { id: string }).id;
  };
  const take = async (): Promise<Job> => {
    const { json } = await server.send('POST /v1/jobs/claim', { worker_id: worker, max: 1, wait_ms: 10_000 });
    const [job] = (json as { jobs: Job[] }).jobs;
    if (job === undefined) throw new Error('no job came');
    return job;
  };
  const tell = async (job: Job, seq: number, event: object): Promise<void> => {
    const item = { op: 'output', job_id: job.job_id, lease_epoch: job.lease_epoch, seq, stream: 'log', text: `${JSON.stringify(event)}\n` };
    expect(await server.send('POST /v1/jobs/report', { worker_id: worker, items: [item] })).toMatchObject({
      json: { results: [{ ok: true }] },
    });
  };
  const finish = async (job: Job, passed: boolean, durationMs = 100): Promise<void> => {
    const steps = { steps_passed: passed ? 3 : 2, steps_total: 3, step_results: [{ step_number: 1, passed: true }] };
    const said = passed
      ? { details: 'All steps passed.', error: null }
      : { details: '2 of 3 steps passed.', error: 'Step 3 failed: button not found' };
    const output = JSON.stringify({ passed, duration_ms: durationMs, ...steps, ...said });
    const answer = await server.send(`POST /v1/jobs/${job.job_id}/complete`, { lease_epoch: job.lease_epoch, output });
    expect(answer.status).toBe(200);
  };
  /** One run from the request to its record, as a person waits for it. */
  const run = async (id: string, passed: boolean, durationMs = 100): Promise<Record<string, unknown>> => {
    const waiting = server.send(`POST /api/tests/${id}/run?wait=true`);
    await finish(await take(), passed, durationMs);
    const answer = await waiting;
    expect(answer.status).toBe(200);
    return answer.json as Record<string, unknown>;
  };

  it('pages through the history, newest first', async () => {
    const id = await create();
    const runs = [await run(id, true), await run(id, true), await run(id, false)].map((entry) => entry['run_id']).toReversed();
    const all = (await server.get(`/api/tests/${id}/results`)).json as { results: { run_id: string }[] };
    expect(all).toMatchObject({ test_id: id, total: 3, limit: 20, offset: 0 });
    expect(all.results.map((entry) => entry.run_id)).toEqual(runs);
    expect((await server.get(`/api/tests/${id}/results?limit=1`)).json).toMatchObject({
      results: [{ run_id: runs[0] }],
      total: 3,
      limit: 1,
    });
    const second = (await server.get(`/api/tests/${id}/results?offset=1&limit=1`)).json as { next_cursor: string };
    expect(second).toMatchObject({ results: [{ run_id: runs[1] }], offset: 1 });
    expect((await server.get(`/api/tests/${id}/results?limit=1&cursor=${second.next_cursor}`)).json).toMatchObject({
      results: [{ run_id: runs[2] }],
      next_cursor: null,
    });
  });

  it('gives a point per run, also for equal durations', async () => {
    const id = await create();
    await run(id, true, 12_340);
    await run(id, true, 12_340);
    const { json } = await server.get(`/api/tests/${id}/timing`);
    expect(json).toMatchObject({ test_id: id, total: 2, timing: [{ duration_ms: 12_340 }, { duration_ms: 12_340 }] });
  });

  it('counts uptime over the window asked for', async () => {
    const id = await create();
    expect((await server.get(`/api/tests/${id}/uptime`)).json).toMatchObject({
      test_id: id,
      uptime_pct: 100,
      total_runs: 0,
      window_hours: 24,
      uptime_ratio: null,
      has_data: false,
    });
    for (const passed of [true, true, false]) await run(id, passed);
    const figures = { uptime_pct: 66.6, total_runs: 3, passed_runs: 2, failed_runs: 1 };
    expect((await server.get(`/api/tests/${id}/uptime?hours=1`)).json).toMatchObject({ ...figures, window_hours: 1, uptime_ratio: 2 / 3 });
    const other = await create();
    const all = await server.get(`/v1/monitors/uptime?test_ids=${other}&test_ids=${id}&test_ids=tst_none&hours=720`);
    const [unused, used, ...none] = (all.json as { items: unknown[] }).items;
    expect(unused).toMatchObject({ test_id: other, total_runs: 0, uptime_ratio: null, window_hours: 720 });
    expect(used).toMatchObject({ test_id: id, ...figures, window_hours: 720 });
    expect(none).toEqual([]);
    for (const query of ['', '?hours=721&test_ids=a', `?${Array.from({ length: 201 }, (_, n) => `test_ids=t${n}`).join('&')}`])
      expect(await server.get(`/v1/monitors/uptime${query}`)).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
    const explained = (await server.get(`/api/tests/${id}/uptime/explain`)).json as { sentences: string[]; failed_runs: unknown[] };
    expect(explained.failed_runs).toHaveLength(1);
    expect(explained.sentences[0]).toBe('By runs: 2 of 3 passed, which is 66.6 % (rounded down).');
  });

  it('lists each failed run as an incident and their streak as one outage', async () => {
    const id = await create();
    for (const passed of [true, false, false, true]) await run(id, passed);
    expect((await server.get(`/api/tests/${id}/incidents`)).json).toMatchObject({
      test_id: id,
      total: 2,
      incidents: [
        { test_id: id, error: 'Step 3 failed: button not found', details: '2 of 3 steps passed.', alert_sent: false },
        { test_id: id, alert_sent: false },
      ],
    });
    const { items } = (await server.get(`/api/tests/${id}/outages`)).json as { items: object[] };
    expect(items).toMatchObject([{ test_id: id, status: 'resolved', failed_runs: 2, alert_sent: false }]);
  });

  it('sums up all monitors on the dashboard', async () => {
    const before = (await server.get('/api/dashboard')).json as Record<string, number>;
    const [passing, failing] = [await create(), await create()];
    await create({ status: 'active', interval_seconds: 3600 });
    await finish(await take(), true);
    await run(passing, true);
    await run(failing, false);
    await create();
    const after = (await server.get('/api/dashboard')).json as Record<string, number> & {
      recent_runs: { test_id: string; last_run_at: string }[];
    };
    const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    expect(['total_tests', 'active_tests', 'paused_tests', 'failing', 'pending'].map(grown)).toEqual([4, 1, 3, 1, 1]);
    expect(after.recent_runs).toHaveLength(5);
    expect(after.recent_runs.slice(0, 2).map((entry) => entry.test_id)).toEqual([failing, passing]);
    expect(after.recent_runs[0]).toMatchObject({ test_name: 'Login Flow', test_url: 'https://example.com/login', last_result: 'failed' });
    expect(after.recent_runs.map((entry) => entry.last_run_at)).toEqual(
      after.recent_runs
        .map((entry) => entry.last_run_at)
        .toSorted()
        .toReversed(),
    );
  });

  it('streams a run while it goes on and resumes where a client left', async () => {
    const id = await create();
    await using live = await LiveReader.open(`${server.url}/api/tests/${id}/live`);
    const waiting = server.send(`POST /api/tests/${id}/run?wait=true`);
    const job = await take();
    await tell(job, 0, { type: 'plan_start', message: 'Planning test for https://example.com' });
    expect(await live.next()).toMatchObject({
      event: 'message',
      data: { type: 'plan_start', message: 'Planning test for https://example.com', run_id: job.payload.run_id },
    });
    await tell(job, 1, { type: 'step_complete', message: 'Step 1 passed', step_number: 1, passed: true });
    const step = await live.next();
    expect(step?.data).toMatchObject({ type: 'step_complete', step_number: 1, passed: true });
    await finish(job, true);
    expect((await live.next())?.data).toMatchObject({ type: 'run_complete', passed: true });
    await waiting;
    await using again = await LiveReader.open(`${server.url}/api/tests/${id}/live`, { 'last-event-id': step?.id ?? '' });
    expect((await again.next())?.data).toMatchObject({ type: 'run_complete' });
    await using unknown = await LiveReader.open(`${server.url}/api/tests/${id}/live?last_event_id=never-existed`);
    expect(await unknown.next()).toMatchObject({ event: 'gap' });
  });

  it.each(['', '/results', '/timing', '/uptime', '/uptime/explain', '/incidents', '/outages', '/live', '/series', '/slo'])(
    'answers 404 for an unknown monitor on %s',
    async (path) => {
      expect(await server.get(`/api/tests/tst_none${path}`)).toMatchObject({
        status: 404,
        json: { code: 'NOT_FOUND', data: { id: 'tst_none' } },
      });
    },
  );

  it.each([
    ['/results?limit=101', 'limit'],
    ['/results?limit=0', 'limit'],
    ['/results?offset=-1', 'offset'],
    ['/results?cursor=nonsense', 'cursor'],
    ['/timing?limit=201', 'limit'],
    ['/uptime?hours=0', 'hours'],
    ['/uptime?hours=721', 'hours'],
    ['/incidents?limit=51', 'limit'],
    ['/results?page=2', 'page'],
  ])('refuses %s and names the field', async (path, field) => {
    const id = await create();
    expect(await server.get(`/api/tests/${id}${path}`)).toMatchObject({
      status: 400,
      json: { code: 'VALIDATION', issues: [{ path: field }] },
    });
  });

  const step = { type: 'http', url: 'https://example.com' };
  it.each([
    [{ name: ' ' }, 'name'],
    [{ url: 'ftp://example.com' }, 'url'],
    [{ url: 'https://user:secret@example.com' }, 'url'],
    [{ url: 'example.com' }, 'url'],
    [{ url: undefined }, 'url'],
    [{ interval_seconds: 0 }, 'interval_seconds'],
    [{ interval_seconds: 315_360_000 }, 'interval_seconds'],
    [{ cron: 'whenever' }, 'cron'],
    [{ cron: '0 0 31 2 *' }, 'cron'],
    [{ cron: '* * * * *', interval_seconds: 60 }, 'cron'],
    [{ cron: '* * * * *', timezone: 'Mars/Olympus' }, 'timezone'],
    [{ steps: Array.from({ length: 100 }, () => step) }, 'steps'],
    [{ steps: [{ ...step, url: 'javascript:alert(1)' }] }, 'steps.0.url'],
    [{ steps: [{ ...step, assert: [{ source: 'body', op: 'matches', value: '(' }] }] }, 'steps.0.assert.0.value'],
    [{ steps: [{ ...step, assert: [{ source: 'json', op: 'exists' }] }] }, 'steps.0.assert.0.path'],
    [{ steps: [{ ...step, headers: { 'x-a': 'a\r\nb' } }] }, 'steps.0.headers.x-a'],
    [{ retries: 99 }, 'retries'],
    [{ parent_id: 'tst_none' }, 'parent_id'],
    [{ alert: { channel_ids: ['ch_none'] } }, 'alert.channel_ids.0'],
    [{ alert: { confirm_failures: 3, confirm_of: 2 } }, 'alert.confirm_of'],
    [{ unknown_field: 1 }, 'unknown_field'],
  ])('refuses a monitor of %j and names the field', async (body, field) => {
    const { json, status } = await server.send('POST /api/tests', { name: 'x', url: 'https://example.com', ...body });
    expect({ status, json }).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
    expect((json as { issues: { path: string }[] }).issues.map((issue) => issue.path)).toContain(field);
  });

  it('changes, clones and deletes a monitor', async () => {
    const id = await create({ tags: ['shop'], interval_seconds: 60 });
    expect((await server.send(`PATCH /api/tests/${id}`, { cron: '*/5 * * * *', timezone: 'Europe/Berlin' })).json).toMatchObject({
      cron: '*/5 * * * *',
      interval_seconds: null,
    });
    expect((await server.send(`PATCH /api/tests/${id}`, { interval_seconds: 30 })).json).toMatchObject({
      cron: null,
      interval_seconds: 30,
      tags: ['shop'],
    });
    const clone = (await server.send(`POST /api/tests/${id}/clone`, {})).json as { id: string };
    expect(clone).toMatchObject({ name: 'Login Flow (copy)', status: 'paused', interval_seconds: 30, last_result: null });
    expect((await server.send(`DELETE /api/tests/${id}`)).json).toEqual({ id, deleted: true });
    expect((await server.get(`/api/tests/${id}`)).status).toBe(404);
    expect((await server.get('/api/tests?tag=shop')).json).toMatchObject({ items: [{ id: clone.id }], total: 1, next_cursor: null });
  });

  it('takes the pings of a heartbeat monitor, and misses those that do not come', async () => {
    const created = (await server.send('POST /api/tests', { name: 'Backup', type: 'heartbeat', interval_seconds: 5, grace_seconds: 0 }))
      .json as { id: string; ping_key: string };
    const pinged = await server.get(`/api/heartbeats/${created.ping_key}`);
    expect(pinged).toMatchObject({ status: 200, json: { ok: true } });
    await server.send(`POST /api/heartbeats/${created.ping_key}`, { status: 'fail', message: 'disk full' });
    await waitUntil(async () => {
      expect((await server.get(`/api/tests/${created.id}/results`)).json).toMatchObject({
        results: [
          { passed: false, error: expect.stringContaining('No ping came in time') as unknown },
          { passed: false, error: 'disk full', triggered_by: 'ping' },
          { passed: true },
        ],
      });
    });
    expect(await server.get('/api/heartbeats/not-the-key-of-any-monitor')).toMatchObject({ status: 404 });
    expect(await server.send(`POST /api/tests/${created.id}/run`)).toMatchObject({ status: 409, json: { code: 'CONFLICT' } });
    await server.send(`DELETE /api/tests/${created.id}`);
  });

  it('shows a badge and a status page of public monitors only', async () => {
    const [shown, hidden] = [await create({ name: 'A <b>', public: true }), await create()];
    await run(shown, true);
    await run(shown, false);
    const badge = await server.get(`/api/tests/${shown}/badge/uptime?label=x%26y`);
    expect(badge.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(badge.headers.get('cache-control')).toBe('public, max-age=60');
    expect(badge.text).toContain('x&amp;y: 50.0 %');
    const etag = badge.headers.get('etag') ?? '';
    const again = await server.get(`/api/tests/${shown}/badge/uptime?label=x%26y`, { 'if-none-match': `"other", W/${etag}` });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await server.get(`/api/tests/${shown}/badge/latency`, { 'if-none-match': etag })).status).toBe(200);
    expect((await server.get(`/api/tests/${shown}/badge/status`)).text).toContain('A &lt;b&gt;: paused');
    expect((await server.get(`/api/tests/${hidden}/badge/status`)).status).toBe(404);
    const { json, headers } = await server.get('/api/status');
    expect(headers.get('cache-control')).toBe('public, max-age=15');
    expect(json).toMatchObject({
      timezone: 'UTC',
      monitors: [{ id: shown, uptime_24h_pct: 50, uptime_30d_pct: 50, days: [{ total_runs: 2 }] }],
    });
    expect(JSON.stringify(json)).not.toContain('example.com');
  });

  it('keeps a run with browser steps for a worker that proved a browser, and says so', async () => {
    const id = await create({ steps: [{ type: 'browser', actions: [{ do: 'goto', url: 'https://example.com' }] }] });
    await server.send(`POST /v1/workers/${worker}/heartbeat`, { leases: [] });
    const { workload_id: workload } = (await server.send(`POST /api/tests/${id}/run`)).json as { workload_id: string };
    expect((await server.get(`/v1/workloads/${workload}`)).json).toMatchObject({
      status: 'pending',
      required_labels: { browser: 'chromium' },
      wait_reason: '1 worker online, none carries the labels browser=chromium.',
    });
    await server.send(`POST /v1/workloads/${workload}/cancel`);
  });

  it('records a run once that is reported twice, and runs that end in another order than they began', async () => {
    const id = await create();
    const [first, second] = await Promise.all(
      [1, 2].map(async () => {
        await server.send(`POST /api/tests/${id}/run`);
        return take();
      }),
    );
    if (first === undefined || second === undefined) throw new Error('unreachable');
    const order = [first, second].toSorted((left, right) => (left.payload.run_id < right.payload.run_id ? -1 : 1));
    for (const job of order.toReversed()) await finish(job, true);
    const [early] = order;
    const again = {
      lease_epoch: early?.lease_epoch,
      output: JSON.stringify({ passed: false, duration_ms: 1, steps_passed: 0, steps_total: 1 }),
    };
    expect((await server.send(`POST /v1/jobs/${early?.job_id}/complete`, again)).status).toBe(409);
    await waitUntil(async () =>
      expect((await server.get(`/api/tests/${id}/results`)).json).toMatchObject({
        total: 2,
        results: [{ passed: true }, { passed: true }],
      }),
    );
    const { results } = (await server.get(`/api/tests/${id}/results`)).json as { results: { run_id: string; started_at: string }[] };
    expect(results.map((entry) => entry.started_at)).toEqual(
      results
        .map((entry) => entry.started_at)
        .toSorted()
        .toReversed(),
    );
    expect((await server.get(`/api/tests/${id}/uptime`)).json).toMatchObject({ total_runs: 2, uptime_pct: 100 });
  });

  it('ends, mutes and acknowledges outages by REST, and reopens one that comes back', async () => {
    const id = await create({ alert: { reopen_within_seconds: 600, remind_every_minutes: 1 } });
    await run(id, false);
    const outage = async (): Promise<{ id: string }> =>
      ((await server.get(`/api/tests/${id}/outages`)).json as { items: { id: string }[] }).items[0] ?? { id: '' };
    const { id: first } = await outage();
    expect((await server.send(`POST /v1/outages/${first}/acknowledge`)).json).toMatchObject({ status: 'acknowledged' });
    expect((await server.send(`POST /v1/outages/${first}/mute`, { until: '2099-01-01T00:00:00Z' })).json).toMatchObject({
      muted_until: '2099-01-01T00:00:00.000Z',
    });
    expect((await server.send(`POST /v1/outages/${first}/resolve`)).json).toMatchObject({ status: 'resolved', resolution: 'manual' });
    expect((await server.get(`/api/tests/${id}`)).json).toMatchObject({ last_result: 'failed' });
    await run(id, false);
    expect(await outage()).toMatchObject({ id: first, status: 'open', reopen_count: 1, acknowledged_at: null });
    await run(id, true);
    expect(await outage()).toMatchObject({ id: first, status: 'resolved', resolution: 'recovered' });
    for (const verb of ['acknowledge', 'resolve'])
      expect(await server.send(`POST /v1/outages/${first}/${verb}`)).toMatchObject({ status: 409, json: { code: 'INVALID_TRANSITION' } });
    expect((await server.send('POST /v1/outages/out_none/resolve')).status).toBe(404);
  });

  it('says where notices and monitors may go', async () => {
    expect((await server.send('PUT /v1/settings/egress', { allow: ['10.0.0.0/8', 'intranet.example'] })).json).toMatchObject({
      allow: ['10.0.0.0/8', 'intranet.example'],
      allow_loopback: true,
    });
    const id = await create();
    const waiting = server.send(`POST /api/tests/${id}/run?wait=true`);
    const job = await take();
    expect(job.payload).toMatchObject({ egress: { allow: ['10.0.0.0/8', 'intranet.example'], allow_loopback: true } });
    await finish(job, true);
    await waiting;
    expect(await server.send('PUT /v1/settings/egress', { allow: ['10.0.0.0/99'] })).toMatchObject({
      status: 400,
      json: { issues: [{ path: 'allow.0' }] },
    });
  });
});
