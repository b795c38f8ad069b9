import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClaimedJob, ReportItem } from '../jobs/contract.ts';
import { report } from '../jobs/index.ts';
import { settleGrants } from '../leases/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { explainStatements, type PlanNode, type SeenPlan } from '../testing/explain-statements.ts';
import { engines } from '../testing/index.ts';
import { mutateStatements } from '../testing/mutate-statements.ts';
import { resetCore } from '../testing/reset-core.ts';
import { heartbeat } from '../workers/index.ts';
import { CreateWorkloadInput } from '../workloads/contract.ts';
import { createWorkloads } from '../workloads/index.ts';

const HOT = [
  'create_workloads',
  'claim',
  'cycle',
  'complete',
  'complete_leased',
  'give_lease_rows',
  'settle_grants',
  'close',
  'note',
  'inspect_lease',
  'beat_workers',
  'renew_leases',
  'current_leases',
  'find_workloads_by_key',
];
const LARGE_TABLES = ['workload', 'lease', 'attempt', 'event'];

function problemsOf(node: PlanNode): string[] {
  const own: string[] = [];
  const relation = node['Relation Name'] ?? '';
  if (node['Node Type'] === 'Seq Scan' && LARGE_TABLES.includes(relation)) own.push(`reads all of ${relation}`);
  if (['Hash Join', 'Merge Join'].includes(node['Node Type'])) own.push(`joins by ${node['Node Type']}`);
  if ((node['Rows Removed by Join Filter'] ?? 0) > 0) own.push(`throws ${node['Rows Removed by Join Filter']} joined rows away`);
  return [...own, ...(node.Plans ?? []).flatMap(problemsOf)];
}

function complaints(seen: readonly SeenPlan[]): string[] {
  return [...new Set(seen.flatMap(({ statement, plan }) => problemsOf(plan).map((problem) => `${statement} ${problem}`)))];
}

/** Workloads as a system of some age has them: mostly ended, some waiting, a few running. */
async function fill({ core }: TestCore, rows: number, lane: number): Promise<void> {
  const { db } = core.database;
  await sql`
    insert into workload (id, lane_id, claim_order, status, status_reason, payload, max_attempts, max_lease_losses, lease_epoch, attempt, idempotency_key,
      started_at, finished_at, position, timeout_ms)
    select 'wl_' || lpad(n::text, 10, '0'), ${lane}, n, case when n % 10 = 0 then 'pending' when n % 50 = 1 then 'running' else 'completed' end,
      case when n % 10 = 0 then 'queued' when n % 50 = 1 then 'leased' end, '{}', 1, 3, 1, 1, case when n % 3 = 0 then 'old-' || n end,
      now(), case when n % 10 <> 0 and n % 50 <> 1 then now() end, 3, 3600000
    from generate_series(1, ${rows}) n`.execute(db);
  await sql`
    insert into lease (workload_id, lease_epoch, lane_id, worker_id, attempt, granted_at, expires_at, started_position, position)
    select id, 1, lane_id, 'wk_none', 1, now(), now() + interval '1 hour', 2, 2 from workload where status = 'running'`.execute(db);
  await sql`
    insert into attempt (workload_id, lease_epoch, attempt, outcome, next_status, started_at, finished_at, duration_ms, started_position, finished_position)
    select id, 1, 1, 'completed', 'completed', now(), now(), 1, 2, 3 from workload where status = 'completed'`.execute(db);
  await sql`insert into event (stream, position, item_count, items) select 'workloads', n, 1, '[]' from generate_series(1, ${rows}) n`.execute(
    db,
  );
  await sql`update stream set position = ${rows} where name = 'workloads'`.execute(db);
}

/** One of every hot call, as agents and clients make them. */
async function exercise(test: TestCore): Promise<void> {
  const { core } = test;
  const worker = await test.worker({ slots: 500 });
  const create = (key: string | null) =>
    CreateWorkloadInput.parse({ kind: 'command', priority: 1000, ...(key === null ? {} : { idempotency_key: key }) });
  await createWorkloads(core, { items: Array.from({ length: 100 }, () => create(null)) });
  for (let round = 0; round < 2; round += 1)
    await createWorkloads(core, { items: Array.from({ length: 10 }, (_, index) => create(`new-${index}`)) });
  const jobs = await test.claim(worker, 60);
  expect(jobs.length).toBe(60);
  const items = (from: number, to: number, make: (base: { job_id: string; lease_epoch: number }) => ReportItem): ReportItem[] =>
    jobs.slice(from, to).map((job: ClaimedJob) => make({ job_id: job.job_id, lease_epoch: job.lease_epoch }));
  const answers = [
    await report(core, { worker_id: worker, items: items(0, 60, (base) => ({ ...base, op: 'checkpoint', cursor: 1, keys_scanned: 1 })) }),
    await report(core, { worker_id: worker, items: items(0, 20, (base) => ({ ...base, op: 'complete' })), claim: { max: 20 } }),
    await report(core, { worker_id: worker, items: items(20, 40, (base) => ({ ...base, op: 'complete' })) }),
    await report(core, {
      worker_id: worker,
      items: items(40, 50, (base) => ({ ...base, op: 'fail', error: 'x', retryable: false, reason: 'error' })),
    }),
  ];
  const fresh = (answers[1]?.jobs ?? []).map(({ job_id, lease_epoch }): ReportItem => ({ op: 'complete', job_id, lease_epoch }));
  answers.push(await report(core, { worker_id: worker, items: fresh.slice(0, 10) }));
  await settleGrants(core, 0);
  for (const { results } of answers) expect(results.filter((result) => !result.ok)).toEqual([]);
  expect((await report(core, { worker_id: worker, items: items(0, 20, (base) => ({ ...base, op: 'complete' })) })).results[0]?.code).toBe(
    'LEASE_STALE',
  );
  await heartbeat(core, {
    worker_id: worker,
    leases: jobs.slice(30, 60).map((job) => ({ job_id: job.job_id, lease_epoch: job.lease_epoch })),
  });
}

describe.each(engines())('hot statements on %s', (engine) => {
  let test: TestCore;
  let seen: SeenPlan[];

  beforeAll(async () => {
    test = await createTestCore(engine, (handle) => explainStatements(handle, (plan) => seen.push(plan)));
  });
  afterAll(() => test.close());

  it.each([
    [0, 'empty'],
    [100, 'of 100 rows'],
    [100_000, 'of 100,000 rows'],
    [100_000, 'of 100,000 rows, analysed'],
  ])('read by index when tables hold %i rows (%s)', async (rows, what) => {
    seen = [];
    if (!what.endsWith('analysed')) {
      await resetCore(test);
      const lane = await test.core.lanes.ensure({ queue: 'default', kind: 'command', isolation: 'process', required_labels: {} });
      await fill(test, rows, lane.id);
    } else for (const table of LARGE_TABLES) await sql`analyze ${sql.table(table)}`.execute(test.core.database.db);
    await exercise(test);
    expect(HOT.filter((name) => seen.every((plan) => plan.statement !== name))).toEqual([]);
    expect(complaints(seen)).toEqual([]);
  });
});

it('a completion that compares the id as an expression is noticed', async () => {
  const seen: SeenPlan[] = [];
  const mutation = {
    statements: ['complete_leased', 'close'],
    search: 'l.workload_id = i.id',
    replacement: "l.workload_id || '' = i.id",
  };
  await using test = await createTestCore('pglite', (handle) =>
    mutateStatements(
      explainStatements(handle, (plan) => seen.push(plan)),
      mutation,
    ),
  );
  await exercise(test);
  expect(complaints(seen).join()).toContain('mutant_complete_leased reads all of lease');
});
