import type { FaultCounts } from './faults.ts';
import type { Ghost } from './ghost.ts';
import type { Submitter } from './submitter.ts';
import type { System } from './system.ts';

export interface Verdict {
  readonly seed: number;
  readonly acknowledged: number;
  readonly faults: FaultCounts | null;
  readonly takeovers: number;
  readonly refused_late: number;
  readonly repeated_requests: number;
  readonly executions: number;
  /** Broken promises, in words; empty is what we are here for. */
  readonly violations: readonly string[];
  /** What never happened in this run: with any of it the run proves nothing. */
  readonly missing: readonly string[];
}

/** Each answers with a row per broken promise. */
const CHECKS: Readonly<Record<string, string>> = {
  'not completed': `select id, status || '/' || coalesce(status_reason, '') as what from workload where status <> 'completed'`,
  'completed other than once': `select w.id, count(a.workload_id)::text as what from workload w
    left join tried a on a.workload_id = w.id and a.outcome = 'completed' group by w.id having count(a.workload_id) <> 1`,
  'two workloads for one key': `select idempotency_key as id, count(*)::text as what from workload group by idempotency_key having count(*) > 1`,
  'written by a stale lease': `select id, 'output or checkpoint' as what from workload where output like '%ghost%' or checkpoint like '%ghost%'`,
  'attempt of another epoch won': `select w.id, a.lease_epoch || ' of ' || w.lease_epoch as what from workload w
    join tried a on a.workload_id = w.id and a.outcome = 'completed' where a.lease_epoch <> w.lease_epoch`,
  'lease left open': `select workload_id as id, worker_id as what from open_lease`,
  'hole in the shared stream': `select stream || ' ' || position as id, 'after ' || coalesce(last, 0) as what from (
      select stream, position, position - item_count as before, lag(position) over (order by position) as last
      from event where stream = 'workloads') e where before <> coalesce(last, 0)`,
  'hole in a workload stream': `select id, max(position) || ' positions, ' || count(*) || ' entries' as what from (
      select id, 1 as position from workload
      union all select workload_id, started_position from tried union all select workload_id, finished_position from tried
      union all select stream, position from event where stream like 'wl\\_%') p
    group by id having max(position) <> count(*) or max(position) <> count(distinct position)`,
  'counter off': `select status as id, sum(n) || ' too many' as what from (
      select status, -count(*) as n from workload group by status
      union all select key, value::bigint from counter, lateral (values ('pending', pending), ('running', running), ('completed', completed),
        ('failed', failed), ('cancelled', cancelled)) as c(key, value)) d
    group by status having sum(n) <> 0`,
};

/** Examples of each kind of violation. */
const SHOWN = 5;

async function runChecks(system: System): Promise<string[]> {
  const violations: string[] = [];
  for (const [name, text] of Object.entries(CHECKS)) {
    for (const row of (await system.query<{ id: string; what: string }>(text)).slice(0, SHOWN))
      violations.push(`${name}: ${row.id} ${row.what}`);
  }
  return violations;
}

/** Reads from the database, the witnesses and the clients' notes what was promised and what happened. */
export async function judge(
  system: System,
  run: { seed: number; submitter: Submitter; ghosts: readonly Ghost[]; faults: FaultCounts | null },
): Promise<Verdict> {
  const { submitter, ghosts, faults } = run;
  const violations = [...(await runChecks(system)), ...submitter.contradictions];
  const rows = await system.query<{ id: string; idempotency_key: string }>('select id, idempotency_key from workload');
  const stored = new Map(rows.map((row) => [row.idempotency_key, row.id]));
  for (const [key, id] of submitter.acknowledged) if (stored.get(key) !== id) violations.push(`lost: ${key} was acknowledged as ${id}`);
  const witnesses = await system.witnesses();
  const executed = new Set(witnesses.map((line) => line.split(' ')[0]));
  for (const { id } of rows) if (!executed.has(id)) violations.push(`completed and never executed: ${id}`);
  const late = ghosts.flatMap((ghost) => ghost.late);
  for (const report of late) {
    if (report.is_accepted) violations.push(`stale ${report.op} accepted: ${report.job_id}`);
    else if (report.code !== 'LEASE_STALE') violations.push(`stale ${report.op} refused as ${report.code}: ${report.job_id}`);
  }
  const [takeovers] = await system.query<{ n: number }>(`select count(*)::int as n from tried where outcome = 'lease_expired'`);
  const happened: Record<string, number> = {
    takeovers: takeovers?.n ?? 0,
    refused_late: late.filter((report) => !report.is_accepted).length,
    ...faults,
  };
  if (faults !== null) happened['dropped_replies'] = system.servers.reduce((sum, server) => sum + server.proxy.dropped, 0);
  return {
    seed: run.seed,
    acknowledged: submitter.acknowledged.size,
    faults,
    takeovers: takeovers?.n ?? 0,
    refused_late: happened['refused_late'] ?? 0,
    repeated_requests: submitter.repeated,
    executions: witnesses.length,
    violations,
    missing: Object.keys(happened).filter((name) => happened[name] === 0),
  };
}
