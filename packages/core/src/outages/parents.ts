import { sql, type Transaction } from 'kysely';
import { isDown } from '../alerts/index.ts';
import type { Database } from '../db/schema.ts';
import { newId } from '../ids.ts';

/** What a look at a monitor may take besides its tries: a worker that begins it, and the result that is told. */
const PROBE_ALLOWANCE_MS = 15_000;

/** A monitor that others depend on. */
export interface Parent {
  readonly id: string;
  readonly is_down: boolean;
  /** How long a look at it may take; null when none is needed, or possible. */
  readonly probe_ms: number | null;
}

/** The longest that one run of a monitor takes until it is recorded. */
export function probeMs(monitor: { timeout_ms: number; retries: number }): number {
  return (monitor.retries + 1) * monitor.timeout_ms + PROBE_ALLOWANCE_MS;
}

/** How the monitor stands that another depends on, for a failure at `failedMs`: only a pass that began later clears it. */
export async function findParent(tx: Transaction<Database>, id: string | null, failedMs: number): Promise<Parent | null> {
  if (id === null) return null;
  const row = await tx
    .selectFrom('monitor as m')
    .innerJoin('monitor_state as s', 's.test_id', 'm.id')
    .select(['m.type', 'm.status', 'm.timeout_ms', 'm.retries', 's.last_result', 's.last_run_at'])
    .where('m.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const is_down = await isDown(tx, id);
  const isClear = row.last_result === 'passed' && row.last_run_at !== null && Date.parse(row.last_run_at) >= failedMs;
  const canProbe = row.type === 'synthetic' && row.status === 'active';
  return { id, is_down, probe_ms: isClear || !canProbe || is_down ? null : probeMs(row) };
}

/** Opens a run of a monitor beside its schedule, unless one is under way; the scheduler starts it after the commit. */
export async function openProbe(tx: Transaction<Database>, testId: string, nowMs: number): Promise<void> {
  await sql`insert into open_run (run_id, test_id, triggered_by, is_scheduled)
    select ${newId('run', nowMs)}, ${testId}, 'dependency', false where not exists (select from open_run where test_id = ${testId})`.execute(
    tx,
  );
}
