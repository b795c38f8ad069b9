import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { updateCampaign } from '../campaigns/index.ts';
import { updateClip } from '../clips/index.ts';
import { cancelPublication, createPublications, pruneBuckets, updatePublication } from '../publications/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { foldVideoJobs } from '../videos/index.ts';
import { updateWorkload } from '../workloads/index.ts';
import { CampaignStats, OrchestratorStats, OverviewStats, PlatformStats, QueueStats } from './contract.ts';
import {
  getCampaignStats,
  getOrchestratorStats,
  getOverviewStats,
  getPlatformStats,
  getPublicationSeries,
  getQueueStats,
} from './index.ts';
import { kept, recount, resetPublishing, seeding } from './testing/seed.ts';

const ZERO_PLATFORM = { clips_ready: 0, clips_published: 0, avg_score: 0, jobs_completed: 0, jobs_failed: 0, scored_clips: 0 };

describe.each(engines())('the five statistics on %s', (engine) => {
  let test: TestCore;
  let seed: ReturnType<typeof seeding>;

  beforeAll(async () => {
    test = await createTestCore(engine);
    seed = seeding(test.core);
  });
  beforeEach(async () => {
    await resetCore(test);
    await resetPublishing(test.core);
    await sql`update projection set position = 0 where name = 'video_jobs'`.execute(test.core.database.db);
  });
  afterAll(() => test.close());

  const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

  it('counts videos, clips, jobs, campaigns and publications', async () => {
    const first = await seed.video();
    const second = await seed.video();
    const clip = await seed.clip(first);
    await seed.clip(second);
    await seed.clip(second);
    await seed.campaign({ status: 'active' });
    const jobs = [await seed.job(first), await seed.job(first, { platform: 'tiktok' }), await seed.job(second), await seed.job(second)];
    const move = (index: number, status: 'running' | 'failed') => updateWorkload(test.core, { id: jobs[index]?.id ?? '', status });
    await move(1, 'running');
    await move(2, 'running');
    await move(2, 'failed');
    await seed.publication(clip, { status: 'success' });
    await seed.publication(clip, { status: 'success' });
    await seed.publication(clip, { status: 'failed' });
    await seed.publication(clip);
    await seed.publication(clip, { scheduled_for: new Date(Date.now() + 3_600_000).toISOString() });
    const expected = {
      total_videos: 2,
      total_clips: 3,
      total_jobs: 4,
      total_campaigns: 1,
      pending_jobs: 2,
      processing_jobs: 1,
      failed_jobs: 1,
      success_logs: 2,
      failed_logs: 1,
      scheduled_publications: 1,
      completed_jobs: 0,
      scheduled_later: 1,
    };
    expect(await getOverviewStats(test.core, {})).toEqual(expected);
    await foldVideoJobs(test.core);
    expect(await getOverviewStats(test.core, {})).toEqual(expected);
    expect(await getOverviewStats(test.core, { from: ago(3600) })).toEqual(expected);
    expect(await getOverviewStats(test.core, { to: ago(3600) })).toMatchObject({ total_videos: 0, total_jobs: 0, success_logs: 0 });
    expect(await getOverviewStats(test.core, { platform: 'tiktok' })).toMatchObject({
      total_videos: 2,
      total_jobs: 1,
      processing_jobs: 1,
      success_logs: 0,
    });
  });

  it('says how the queue stands', async () => {
    const clip = await seed.clip(await seed.video());
    await seed.publication(clip, { requested_at: ago(3600) });
    await seed.publication(clip, { requested_at: ago(60) });
    await seed.publication(clip, { status: 'processing' });
    await seed.publication(clip, { status: 'failed', sub_status: 'unconfirmed' });
    await seed.publication(clip, { status: 'success', requested_at: '2026-01-01T00:00:00.000Z', published_at: '2026-01-01T00:00:01.000Z' });
    await seed.publication(clip, { status: 'success', requested_at: '2026-01-01T00:00:00.000Z', published_at: '2026-01-01T00:00:03.000Z' });
    await seed.publication(clip, { status: 'success', requested_at: '2026-01-01T00:00:00.000Z', published_at: '2026-01-01T00:00:08.000Z' });
    const queue = await getQueueStats(test.core, {});
    expect(queue).toMatchObject({
      pending: 2,
      processing: 1,
      success: 3,
      failed: 1,
      unconfirmed: 1,
      avg_processing_time_ms: 4000,
      sample_count: 3,
      clock_skew: 0,
    });
    expect(queue.oldest_pending_age_seconds).toBeGreaterThanOrEqual(3600);
    expect(queue.oldest_pending_age_seconds).toBeLessThan(3700);
    expect(await getQueueStats(test.core, { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' })).toMatchObject({
      pending: 0,
      success: 3,
      avg_processing_time_ms: 4000,
      oldest_pending_age_seconds: null,
    });
  });

  it('lets nothing age that is due in the future, and counts from the due time of what was scheduled', async () => {
    const clip = await seed.clip(await seed.video());
    await seed.publication(clip, { requested_at: ago(3600), scheduled_for: new Date(Date.now() + 10_800_000).toISOString() });
    expect((await getQueueStats(test.core, {})).oldest_pending_age_seconds).toBeNull();
    await seed.publication(clip, { requested_at: ago(600), scheduled_for: ago(300) });
    const { oldest_pending_age_seconds: age } = await getQueueStats(test.core, {});
    expect(age).toBeGreaterThanOrEqual(300);
    expect(age).toBeLessThan(400);
  });

  it('leaves a success published before it was requested out of the average, and counts it', async () => {
    const clip = await seed.clip(await seed.video());
    await seed.publication(clip, { status: 'success', requested_at: '2026-01-01T00:00:10.000Z', published_at: '2026-01-01T00:00:00.000Z' });
    expect(await getQueueStats(test.core, {})).toMatchObject({ success: 1, clock_skew: 1, sample_count: 0, avg_processing_time_ms: null });
    await seed.publication(clip, { status: 'success', requested_at: '2026-01-01T00:00:00.000Z', published_at: '2026-01-01T00:00:00.500Z' });
    expect(await getQueueStats(test.core, {})).toMatchObject({ success: 2, clock_skew: 1, sample_count: 1, avg_processing_time_ms: 500 });
    expect(await getQueueStats(test.core, { from: '2025-12-31T00:00:00Z' })).toMatchObject({ clock_skew: 1, avg_processing_time_ms: 500 });
  });

  it('tells what the orchestrator did, to the second at the edges of the windows', async () => {
    const clip = await seed.clip(await seed.video());
    const made = [
      await seed.publication(clip, { social_account_id: 'a', status: 'processing' }),
      await seed.publication(clip, { social_account_id: 'a', status: 'processing' }),
      await seed.publication(clip, { social_account_id: 'b', status: 'processing', platform: 'youtube' }),
      await seed.publication(clip, { social_account_id: 'c' }),
      await seed.publication(clip, { social_account_id: 'c', status: 'success' }),
      await seed.publication(clip, { social_account_id: 'c', status: 'failed' }),
      await seed.publication(clip, { social_account_id: 'c', status: 'failed' }),
      await seed.publication(clip, { social_account_id: 'c', status: 'success' }),
    ];
    // Moves creation into the past, with the buckets it was counted in.
    const back = async (index: number, seconds: number): Promise<void> => {
      const { rows } = await sql<{
        at: string;
      }>`update publication set created_at = now() - ${`${seconds} seconds`}::interval where id = ${made[index]?.id ?? ''} returning created_at as at`.execute(
        test.core.database.db,
      );
      for (const grain of ['minute', 'hour', 'day']) {
        await sql`update publication_bucket set created = created - 1 where ctid = (select ctid from publication_bucket where grain = ${grain} and created > 0 and bucket_at > now() - interval '2 days' order by bucket_at desc limit 1)`.execute(
          test.core.database.db,
        );
        await sql`insert into publication_bucket as b (grain, bucket_at, platform_key, slot, created) values (${grain}, date_trunc(${grain}, ${rows[0]?.at ?? ''}::timestamptz), 'other', -1, 1)
          on conflict (grain, bucket_at, platform_key, slot) do update set created = b.created + 1`.execute(test.core.database.db);
      }
    };
    await back(4, 3590);
    await back(5, 3610);
    await back(6, 86_390);
    await back(7, 86_410);
    const stats = await getOrchestratorStats(test.core, {});
    expect(stats).toMatchObject({
      actions_last_run: 5,
      actions_last_24h: 7,
      queue_saturation: 0.5,
      active_workers: 2,
      slots_total: 0,
      slots_busy: 0,
    });
    expect(stats.last_run_at).toBe(made[3]?.created_at);
    expect(await getOrchestratorStats(test.core, { platform: 'youtube' })).toMatchObject({ queue_saturation: 1, active_workers: 1 });
  });

  it('counts clips once per platform, averages the scores of distinct clips, and puts unknown platforms under other', async () => {
    const video = await seed.video();
    const half = await seed.clip(video, { visual_score: 0.5 });
    const high = await seed.clip(video, { visual_score: 0.9 });
    const unscored = await seed.clip(video);
    for (let count = 0; count < 3; count += 1) await seed.publication(half, { status: 'success' });
    await seed.publication(high);
    await seed.publication(unscored, { platform: 'tiktok-business' });
    await seed.publication(high, { platform: 'Facebook', status: 'success' });
    await seed.publication(half, { platform: 'YouTube', scheduled_for: new Date(Date.now() + 3_600_000).toISOString() });
    const done = await seed.job(video, { platform: 'youtube' });
    await updateWorkload(test.core, { id: done.id, status: 'running' });
    await updateWorkload(test.core, { id: done.id, status: 'completed' });
    const expected = {
      instagram: { ...ZERO_PLATFORM, clips_ready: 1, clips_published: 1, avg_score: 0.7, scored_clips: 2 },
      tiktok: { ...ZERO_PLATFORM, clips_ready: 1 },
      youtube: { ...ZERO_PLATFORM, clips_ready: 1, avg_score: 0.5, scored_clips: 1, jobs_completed: 1 },
      other: { ...ZERO_PLATFORM, clips_published: 1, avg_score: 0.9, scored_clips: 1 },
    };
    expect(await getPlatformStats(test.core, {})).toEqual(expected);
    expect(await getPlatformStats(test.core, { from: ago(60) })).toEqual(expected);
    await updateClip(test.core, { id: half, visual_score: 0.1 });
    await updateClip(test.core, { id: unscored, visual_score: 1 });
    expect(await getPlatformStats(test.core, {})).toMatchObject({
      instagram: { avg_score: 0.5 },
      tiktok: { avg_score: 1, scored_clips: 1 },
      youtube: { avg_score: 0.1 },
    });
    await updateClip(test.core, { id: half, visual_score: null });
    expect(await getPlatformStats(test.core, {})).toMatchObject({
      instagram: { avg_score: 0.9, scored_clips: 1 },
      youtube: ZERO_PLATFORM_READY,
    });
  });

  it('summarises campaigns and what they spent', async () => {
    await seed.campaign({ status: 'draft', spend: 0.1 });
    await seed.campaign({ status: 'draft', spend: 0.2 });
    const active = await seed.campaign({ status: 'active', spend: 10 });
    await seed.campaign({ status: 'completed' });
    expect(await getCampaignStats(test.core, {})).toEqual({ draft: 2, active: 1, paused: 0, completed: 1, total_budget_spent: 10.3 });
    await updateCampaign(test.core, { id: active, status: 'paused', spend: 12.5 });
    expect(await getCampaignStats(test.core, {})).toEqual({ draft: 2, active: 0, paused: 1, completed: 1, total_budget_spent: 12.8 });
    expect(await getCampaignStats(test.core, { to: ago(60) })).toEqual({
      draft: 0,
      active: 0,
      paused: 0,
      completed: 0,
      total_budget_spent: 0,
    });
  });

  it('answers an empty database with zeros and nulls', async () => {
    expect(Object.values(await getOverviewStats(test.core, {}))).toEqual(Array.from({ length: 12 }, () => 0));
    expect(await getQueueStats(test.core, {})).toEqual({
      pending: 0,
      processing: 0,
      success: 0,
      failed: 0,
      avg_processing_time_ms: null,
      oldest_pending_age_seconds: null,
      scheduled: 0,
      unconfirmed: 0,
      clock_skew: 0,
      sample_count: 0,
    });
    expect(await getOrchestratorStats(test.core, {})).toMatchObject({
      last_run_at: null,
      actions_last_run: 0,
      actions_last_24h: 0,
      queue_saturation: 0,
      active_workers: 0,
      last_tick_at: null,
    });
    expect(await getPlatformStats(test.core, {})).toEqual({
      instagram: ZERO_PLATFORM,
      tiktok: ZERO_PLATFORM,
      youtube: ZERO_PLATFORM,
      other: ZERO_PLATFORM,
    });
    expect(await getCampaignStats(test.core, {})).toEqual({ draft: 0, active: 0, paused: 0, completed: 0, total_budget_spent: 0 });
  });

  it('copes with records whose optional fields are all missing', async () => {
    const clip = await seed.clip(await seed.video({ source_url: null, duration_ms: null }), {
      visual_score: null,
      start_ms: null,
      end_ms: null,
    });
    await seed.campaign({ budget: null, starts_at: null, ends_at: null });
    await seed.publication(clip, { campaign_id: null, scheduled_for: null, external_id: null, error: null });
    expect(await getPlatformStats(test.core, {})).toMatchObject({ instagram: { clips_ready: 1, avg_score: 0, scored_clips: 0 } });
    expect(await getQueueStats(test.core, {})).toMatchObject({ pending: 1, avg_processing_time_ms: null });
  });

  it('answers in the shapes of the contract, all of them JSON', async () => {
    const answers = [
      [OverviewStats, await getOverviewStats(test.core, {})],
      [QueueStats, await getQueueStats(test.core, {})],
      [OrchestratorStats, await getOrchestratorStats(test.core, {})],
      [PlatformStats, await getPlatformStats(test.core, {})],
      [CampaignStats, await getCampaignStats(test.core, {})],
    ] as const;
    for (const [schema, answer] of answers) expect(schema.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
  });

  it('keeps the counters equal to a recount while many write at once', async () => {
    const video = await seed.video();
    const clips = await Promise.all([0.1, 0.2, 0.3, null].map((visual_score) => seed.clip(video, { visual_score })));
    const platforms = ['instagram', 'tiktok', 'youtube', 'x'];
    const items = Array.from({ length: 60 }, (_, index) => ({
      clip_id: clips[index % clips.length] ?? '',
      platform: platforms[index % 3] ?? '',
      social_account_id: `acc_${index % 5}`,
    }));
    const { items: made } = await createPublications(test.core, { items });
    await Promise.all([
      ...made.map(async ({ id }, index) => {
        if (index % 4 === 0) return cancelPublication(test.core, { id });
        await updatePublication(test.core, { id, status: 'processing' });
        return updatePublication(test.core, {
          id,
          status: index % 4 === 1 ? 'failed' : 'success',
          sub_status: index % 4 === 1 ? 'unconfirmed' : undefined,
        });
      }),
      ...clips.map((id, index) => updateClip(test.core, { id, visual_score: index % 2 === 0 ? null : 0.7 })),
      ...made.slice(0, 20).map((_, index) => seed.publication(clips[index % 4] ?? '', { platform: platforms[index % 4] ?? '' })),
    ]);
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('shows what happened over time, empty buckets included', async () => {
    const clip = await seed.clip(await seed.video());
    const { id } = await seed.publication(clip, { requested_at: ago(2) });
    await seed.publication(clip, { platform: 'tiktok' });
    await updatePublication(test.core, { id, status: 'success' });
    const { points } = await getPublicationSeries(test.core, { bucket: 'day' });
    expect(points).toHaveLength(48);
    expect(points.at(-1)).toMatchObject({ created: 2, succeeded: 1, failed: 0 });
    expect(points.at(-1)?.avg_processing_time_ms).toBeGreaterThanOrEqual(1000);
    expect(points.at(-2)).toMatchObject({ created: 0, succeeded: 0, failed: 0, avg_processing_time_ms: null });
    expect((await getPublicationSeries(test.core, { bucket: 'day', platform: 'tiktok' })).points.at(-1)).toMatchObject({
      created: 1,
      succeeded: 0,
    });
    expect(await pruneBuckets(test.core)).toBe(0);
    await sql`update publication_bucket set bucket_at = bucket_at - interval '8 days'`.execute(test.core.database.db);
    expect(await pruneBuckets(test.core)).toBeGreaterThan(0);
    const { rows } = await sql<{ grain: string }>`select distinct grain from publication_bucket order by grain`.execute(
      test.core.database.db,
    );
    expect(rows.map((row) => row.grain)).toEqual(['day', 'hour']);
    await expect(getPublicationSeries(test.core, { bucket: 'minute', from: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'VALIDATION',
    });
  });
});

const ZERO_PLATFORM_READY = { clips_ready: 1, avg_score: 0, scored_clips: 0 };
