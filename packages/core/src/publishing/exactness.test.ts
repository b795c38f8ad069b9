import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { updateClip } from '../clips/index.ts';
import { cancelPublication, retryPublication, updatePublication } from '../publications/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { checkPublishingDrift, getQueueStats } from './index.ts';
import { windowSums } from './read-window.ts';
import { kept, recount, resetPublishing, seeding } from './testing/seed.ts';

describe.each(engines())('the counters of publishing on %s', (engine) => {
  let test: TestCore;
  let seed: ReturnType<typeof seeding>;

  beforeAll(async () => {
    test = await createTestCore(engine);
    seed = seeding(test.core);
  });
  beforeEach(async () => {
    await resetCore(test);
    await resetPublishing(test.core);
  });
  afterAll(() => test.close());

  /** Kept and counted in one snapshot. */
  const sample = () =>
    test.core.database.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (tx) => ({ kept: await kept(tx), counted: await recount(tx) }));

  const write = async (writer: number, clips: readonly string[]): Promise<void> => {
    for (let step = 0; step < 6; step += 1) {
      const clip = clips[(writer + step) % clips.length] ?? '';
      const platform = ['instagram', 'tiktok', 'youtube', 'mastodon'][writer % 4];
      const { id } = await seed.publication(clip, { platform, social_account_id: `acc_${writer % 7}` });
      if (step % 3 === 0) await updatePublication(test.core, { id, status: 'success', external_id: 'x' });
      else if (step % 3 === 1)
        await updatePublication(test.core, { id, status: 'failed', sub_status: 'content' }).then(() =>
          retryPublication(test.core, { id, confirmed_not_published: false }),
        );
      else await cancelPublication(test.core, { id });
      if (writer % 5 === 0) await updateClip(test.core, { id: clip, visual_score: step / 10 });
    }
  };

  it('equal a true count at every sampled moment while 50 writers change them', async () => {
    const video = await seed.video();
    const clips: string[] = [];
    for (let made = 0; made < 5; made += 1) clips.push(await seed.clip(video, { visual_score: 0.5 }));
    const state = { is_writing: true };
    const writing = Promise.all(Array.from({ length: 50 }, (_, writer) => write(writer, clips))).finally(() => (state.is_writing = false));
    let samples = 0;
    while (state.is_writing) {
      const { kept: have, counted } = await sample();
      expect(have).toEqual(counted);
      samples += 1;
    }
    await writing;
    expect(samples).toBeGreaterThan(1);
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
    expect(await checkPublishingDrift(test.core)).toEqual([]);
    const all = await getQueueStats(test.core, {});
    expect(all).toMatchObject({ pending: 100, success: 100, failed: 0 });
    expect(await getQueueStats(test.core, { from: '2020-01-01T00:00:00Z' })).toMatchObject({ pending: 100, success: 100, failed: 0 });
  });

  it('are repaired when they differ, row by row, and the difference is told', async () => {
    const clip = await seed.clip(await seed.video(), { visual_score: 0.5 });
    await seed.publication(clip, { status: 'success' });
    await seed.publication(clip);
    await seed.publication(clip, { status: 'processing' });
    const before = await kept(test.core.database.db);
    const { db } = test.core.database;
    await sql`update publishing_counter set pending = pending + 3, clips_ready = clips_ready - 1`.execute(db);
    await sql`update publishing_total set videos = videos + 1`.execute(db);
    await sql`update social_account set processing_count = 7`.execute(db);
    await sql`update platform_clip set log_count = 9`.execute(db);
    await sql`delete from publishing_window where bucket_seconds = 3600`.execute(db);
    const drifts = await checkPublishingDrift(test.core);
    expect(drifts).toEqual(
      expect.arrayContaining([
        { table: 'platform_clip', key: `${clip} instagram`, column: 'log_count', counted: 9, true_count: 3 },
        { table: 'social_account', key: 'instagram acc_1', column: 'processing_count', counted: 7, true_count: 1 },
        { table: 'publishing_counter', key: 'instagram', column: 'pending', counted: 4, true_count: 1 },
        { table: 'publishing_counter', key: 'instagram', column: 'clips_ready', counted: 0, true_count: 1 },
        { table: 'publishing_total', key: '', column: 'videos', counted: 2, true_count: 1 },
      ]),
    );
    expect(
      drifts
        .filter(({ table }) => table === 'publishing_window')
        .map(({ column }) => column)
        .toSorted(),
    ).toEqual(['duration_count', 'pending', 'processing', 'success']);
    expect(await kept(db)).toEqual(before);
    expect(await checkPublishingDrift(test.core)).toEqual([]);
  });

  it('tell of any window what its rows tell', async () => {
    const clip = await seed.clip(await seed.video());
    const first = Date.parse('2026-01-01T00:00:00Z');
    for (let made = 0; made < 60; made += 1) {
      const requested = first + made * 1_234_567 * (1 + (made % 7));
      const status = (['pending', 'success', 'failed', 'cancelled'] as const)[made % 4];
      const at = new Date(requested).toISOString();
      const published_at = status === 'success' ? { published_at: new Date(requested + (made - 20) * 1000).toISOString() } : {};
      await seed.publication(clip, { requested_at: at, status, platform: made % 2 === 0 ? 'tiktok' : 'youtube', ...published_at });
    }
    const at = (ms: number): string => new Date(first + ms).toISOString();
    const windows = [
      {},
      { from: at(1) },
      { to: at(86_400_000) },
      { from: at(100_000), to: at(399_999) },
      { from: at(3_600_000), to: at(7_200_000) },
      { from: at(123_456), to: at(200_123_456) },
      { from: at(86_400_000), to: at(172_800_000), platform: 'tiktok' as const },
      { from: at(1_234_567), to: at(1_234_568) },
    ];
    for (const window of windows) {
      const { rows } = await sql<Record<string, number>>`
        select coalesce(sum(pending), 0)::int as pending, coalesce(sum(success), 0)::int as success, coalesce(sum(failed), 0)::int as failed,
          coalesce(sum(cancelled), 0)::int as cancelled, coalesce(sum(clock_skew), 0)::int as clock_skew,
          coalesce(sum(duration_ms_sum), 0)::float8 as duration from (${windowSums(window)}) as w`.execute(test.core.database.db);
      const { rows: counted } = await sql`
        select count(*) filter (where status = 'pending')::int as pending, count(*) filter (where status = 'success')::int as success,
          count(*) filter (where status = 'failed')::int as failed, count(*) filter (where status = 'cancelled')::int as cancelled,
          count(*) filter (where published_at < requested_at)::int as clock_skew,
          coalesce(sum(extract(epoch from published_at - requested_at) * 1000) filter (where published_at >= requested_at), 0)::float8 as duration
        from publication where requested_at >= ${window.from ?? '-infinity'} and requested_at < ${window.to ?? 'infinity'}
          and (${window.platform ?? null}::text is null or platform_key = ${window.platform ?? null}::text)`.execute(test.core.database.db);
      expect(rows, JSON.stringify(window)).toEqual(counted);
    }
  });
});
