import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { RedisConnection, RedisHistoryStore } from '../adapters/redis/index.ts';
import { kept, recount } from '../publishing/testing/seed.ts';
import { getMonitor } from '../monitors/index.ts';
import { listOutages } from '../outages/index.ts';
import { checkDrift, foldStatistics, getStats } from '../stats/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { recordedRun } from '../testing/history-store-contract.ts';
import { engines, startRedis, testRedisUrl } from '../testing/index.ts';
import { expectInvariants } from '../testing/model-invariants.ts';
import { LoadDemoInput } from './contract.ts';
import { findDemo, loadDemo, removeDemo } from './index.ts';
import { DEMO_MONITORS } from './monitor-catalog.ts';
import { planMonitor } from './plan-monitor.ts';
import { planWorkloads } from './plan-workloads.ts';
import { DAY_MS, spanOf } from './span.ts';

const NOW = Date.parse('2026-03-04T12:00:00.000Z');
const input = (fields: object = {}): LoadDemoInput => LoadDemoInput.parse({ days: 1, ...fields });

/** Statistics over time as they are kept, in one order. */
async function roll(test: TestCore): Promise<unknown[]> {
  const tables = ['stat_bucket', 'stat_histogram', 'stat_created'] as const;
  return Promise.all(
    tables.map(
      async (table) =>
        (
          await sql`select * from ${sql.table(table)} order by 1, 2, 3, ${sql.raw(table === 'stat_histogram' ? '4, 5' : '4')}`.execute(
            test.core.database.db,
          )
        ).rows,
    ),
  );
}

/** Differences between the roll-ups of runs, reports and jobs and the rows they are of. */
async function differences(test: TestCore): Promise<unknown[]> {
  const { rows } = await sql`
    select 'run_bucket' as what, b.test_id || ' ' || b.bucket_seconds || ' ' || b.bucket_at as which from run_bucket b
      where (b.total, b.passed, b.duration_ms_sum) is distinct from (select (count(*), count(*) filter (where passed), sum(duration_ms)::bigint) from run r
        where r.test_id = b.test_id and r.started_at >= b.bucket_at and r.started_at < b.bucket_at + b.bucket_seconds * interval '1 s')
    union all select 'run total', s.test_id from monitor_state s
      where s.run_total <> (select count(*) from run r where r.test_id = s.test_id) or s.run_total <> (select sum(total) from run_bucket b where b.test_id = s.test_id and bucket_seconds = 86400)
    union all select 'run histogram', test_id from run_bucket b where bucket_seconds = 86400
      and total <> (select sum(count) from run_histogram h where h.test_id = b.test_id and h.bucket_seconds = 86400 and h.bucket_at = b.bucket_at)
    union all select 'throughput', b.key from throughput_bucket b where scope = 'worker' and grain = 'day'
      and keys_scanned <> (select sum(keys_scanned) from worker_history h where h.worker_id = b.key and date_trunc('day', h.finished_at, 'UTC') = b.bucket_at)
    union all select 'job', workload_id from video_job j where status <> (select status from workload where id = j.workload_id)
    union all select 'segment', test_id from run r where not passed and exists (select from outage o where o.test_id = r.test_id and r.started_at >= o.opened_at and r.started_at < coalesce(o.resolved_at, 'infinity'))
      and (select state from state_segment s where s.test_id = r.test_id and r.started_at >= s.from_at and r.started_at < coalesce(s.to_at, 'infinity')) <> 'down'`.execute(
    test.core.database.db,
  );
  return rows;
}

/** Rows that the demo may leave behind nowhere. */
async function leftovers(test: TestCore): Promise<unknown> {
  const tables = [
    'workload',
    'attempt',
    'monitor',
    'run',
    'run_bucket',
    'state_segment',
    'outage',
    'delivery',
    'channel',
    'publication',
    'video',
    'clip',
    'campaign',
    'social_account',
    'platform',
    'platform_clip',
    'video_job',
    'queue',
    'worker',
    'worker_session',
    'worker_history',
    'publication_bucket',
  ] as const;
  const counted = await Promise.all(
    tables.map(async (table) => [
      table,
      (await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(test.core.database.db)).rows[0]?.n,
    ]),
  );
  return Object.fromEntries(counted.filter(([, n]) => n !== 0));
}

describe.each(engines())('demo data on %s', (engine) => {
  let test: TestCore;
  beforeAll(async () => {
    test = await createTestCore(engine);
    await loadDemo(test.core, input());
  });
  afterAll(() => test.close());

  it('leaves rows, log and counters as real work would have', async () => {
    await expectInvariants(test.core, { finals: new Map(), reopened: () => 0 });
    expect(await checkDrift(test.core)).toEqual([]);
    expect(await recount(test.core.database.db)).toEqual(await kept(test.core.database.db));
    expect((await getStats(test.core, {})).total).toBe((await findDemo(test.core))?.workloads);
  });

  it('keeps the statistics that folding its log makes', async () => {
    const before = await roll(test);
    await sql`truncate stat_bucket, stat_histogram, stat_created`.execute(test.core.database.db);
    await sql`update projection set position = 0 where name = 'statistics'`.execute(test.core.database.db);
    await foldStatistics(test.core);
    expect(await roll(test)).toEqual(before);
    expect(before[0]).not.toEqual([]);
  });

  it('rolls runs, reports, jobs and timelines up as they are', async () => {
    expect(await differences(test)).toEqual([]);
    await sql`update run_bucket set passed = passed - 1 where test_id = 'tst_demo_search' and bucket_seconds = 86400`.execute(
      test.core.database.db,
    );
    expect(await differences(test)).not.toEqual([]);
    await sql`update run_bucket set passed = passed + 1 where test_id = 'tst_demo_search' and bucket_seconds = 86400`.execute(
      test.core.database.db,
    );
  });

  it('groups the failures of its rows, each counted once', async () => {
    const { rows } = await sql<{ counted: number; failed: number }>`select (select sum(count)::int from failure_group) as counted,
      ((select count(*) from workload where status = 'failed') + (select count(*) from run where not passed)
        + (select count(*) from publication where status = 'failed'))::int as failed`.execute(test.core.database.db);
    expect(rows[0]?.counted).toBe(rows[0]?.failed);
  });

  it('has one clear worst problem, told to the people on call', async () => {
    const { items } = await listOutages(test.core, { status: 'open', limit: 10 });
    expect(items).toMatchObject([{ test_id: 'tst_demo_checkout', alert_sent: true, error: 'pay: status: expected 200, got 503' }]);
  });

  it('is loaded once, and into a used database only when told to', async () => {
    await expect(loadDemo(test.core, input({ force: true }))).rejects.toMatchObject({ code: 'CONFLICT' });
    await removeDemo(test.core);
    expect(await leftovers(test)).toEqual({});
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
    const told = await sql`select coalesce(sum(created + started + completed + failed), 0)::int as n from stat_bucket`.execute(
      test.core.database.db,
    );
    expect(told.rows).toEqual([{ n: 0 }]);
    expect(await checkDrift(test.core)).toEqual([]);
    await expect(removeDemo(test.core)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const mine = await test.submit();
    await expect(loadDemo(test.core, input())).rejects.toMatchObject({ code: 'CONFLICT' });
    await loadDemo(test.core, input({ force: true }));
    expect(await checkDrift(test.core)).toEqual([]);
    await removeDemo(test.core);
    expect((await getStats(test.core, {})).by_status).toMatchObject({ pending: 1, completed: 0, failed: 0 });
    expect((await sql<{ id: string }>`select id from workload`.execute(test.core.database.db)).rows).toEqual([{ id: mine.id }]);
  });
});

describe.skipIf(testRedisUrl() === null)('demo data with the history of monitors in Redis', () => {
  const closing = new AsyncDisposableStack();
  let test: TestCore;
  let client: Redis;

  beforeAll(async () => {
    const server = await startRedis();
    closing.defer(() => server.stop());
    client = new Redis(server.url);
    closing.defer(() => client.disconnect());
    const redis = await RedisConnection.open(server.url, { info: () => undefined, warn: () => undefined, error: () => undefined });
    closing.defer(() => redis.close());
    test = await createTestCore('pglite', undefined, { runs: (context, rules) => new RedisHistoryStore(redis, { context, rules }) });
    closing.defer(() => test.close());
  });
  afterAll(() => closing.disposeAsync());

  it('has its runs where the pages read them, and nothing of a load that was stopped half-way', async () => {
    const { core } = test;
    await core.database.db.transaction().execute((tx) => core.runs.record(tx, [recordedRun('tst_demo_search')]));
    const demo = await loadDemo(core, input());
    const page = { limit: 1, offset: 0 };
    const totals = await Promise.all(DEMO_MONITORS.map(async ({ id }) => (await core.runs.listRuns(id, page)).total));
    expect(totals.reduce((sum, total) => sum + total, 0)).toBe(demo.runs);
    const [outage] = (await listOutages(core, { status: 'open', limit: 1 })).items;
    expect(await core.runs.findRun(outage?.test_id ?? '', outage?.last_run_id ?? '')).toMatchObject({
      passed: false,
      error: outage?.error,
      step_results: [{ passed: true }, { passed: false }],
    });
    const { total } = await core.runs.listIncidents(outage?.test_id ?? '', page);
    expect(total).toBeGreaterThanOrEqual(outage?.failed_runs ?? Number.NaN);
    const range = { bucket_seconds: 3600 as const, from: Date.now() - 2 * DAY_MS, to: Date.now() };
    const hours = await core.runs.buckets.list(['tst_demo_search'], range);
    expect(hours.reduce((sum, bucket) => sum + bucket.total, 0)).toBe(totals[1]);
    const { rows } = await sql`select (select count(*)::int from run) as runs, (select count(*)::int from run_bucket) as buckets`.execute(
      core.database.db,
    );
    expect(rows).toEqual([{ runs: 0, buckets: 0 }]);
    expect(await client.exists('events:tst_demo_search')).toBe(0);
    await removeDemo(core);
    expect(await client.dbsize()).toBe(0);
  });

  it('leaves nothing of a load that was killed, once it is removed or loaded again, also after a server took its monitors over', async () => {
    const { core } = test;
    const left = recordedRun('tst_demo_search');
    const leave = (): Promise<void> => core.database.db.transaction().execute((tx) => core.runs.record(tx, [left]));
    await leave();
    await expect(removeDemo(core)).resolves.toBeNull();
    expect(await client.dbsize()).toBe(0);
    await expect(removeDemo(core)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await leave();
    await getMonitor(core, { test_id: 'tst_demo_search' });
    await loadDemo(core, input());
    expect(await core.runs.findRun(left.test_id, left.run_id)).toBeNull();
    await removeDemo(core);
    expect(await client.dbsize()).toBe(0);
  });

  it('is not loaded beside the monitors of somebody else unless told to, and leaves theirs alone', async () => {
    await client.hset('test:theirs', { name: 'Theirs', url: 'https://example.com' });
    await expect(loadDemo(test.core, input())).rejects.toMatchObject({ code: 'CONFLICT' });
    await loadDemo(test.core, input({ force: true }));
    await removeDemo(test.core);
    expect(await client.keys('*')).toEqual(['test:theirs']);
  });
});

describe('a demo of eleven days', () => {
  it('is the same for the same seed and time, and another for another seed', () => {
    const plan = (seed: number) => planWorkloads((activity) => activity.per_day, spanOf(seed, 11, NOW));
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7).workloads.map((row) => row.id)).not.toEqual(plan(8).workloads.map((row) => row.id));
  });

  it('has two outages: one over, one open', () => {
    const outages = DEMO_MONITORS.flatMap((entry) => planMonitor(entry, spanOf(1, 11, NOW)).outages);
    expect(outages.map(({ test_id, status }) => [test_id, status])).toEqual([
      ['tst_demo_checkout', 'open'],
      ['tst_demo_search', 'resolved'],
    ]);
  });

  it('ends before now and begins as long ago', () => {
    const { workloads } = planWorkloads((activity) => activity.per_day, spanOf(1, 11, NOW));
    const first = workloads.map((row) => row.created_at).toSorted()[0] ?? '';
    expect(NOW - Date.parse(first)).toBeGreaterThan(10 * DAY_MS);
    expect(workloads.every((row) => row.status === 'pending' || Date.parse(row.finished_at ?? '') < NOW)).toBe(true);
  });
});
