import { sql, type Selectable, type Transaction } from 'kysely';
import { deferNotices, dropNotices, queueNotices } from '../alerts/index.ts';
import type { OutageTable } from '../db/index.ts';
import type { Database } from '../db/schema.ts';
import { AlertPolicy } from '../monitors/contract.ts';
import { intervalMs } from '../schedules/index.ts';
import type { Side } from './observe.ts';
import { openProbe, probeMs } from './parents.ts';

/** However often a parent has to fail before it is down: by then the notice goes. */
const MAX_HOLD_MS = 15 * 60_000;

/** A monitor after one of its runs. */
export interface MovedMonitor {
  readonly test_id: string;
  readonly side: Side | null;
  readonly passed: boolean;
  /** Start of the run. */
  readonly at: number;
}

interface Dependent extends Selectable<OutageTable> {
  readonly parent_id: string;
  readonly alert: unknown;
  readonly timeout_ms: number;
  readonly retries: number;
  readonly parent: { readonly interval_seconds: number | null; readonly cron: string | null; readonly timezone: string };
}

async function findDependents(tx: Transaction<Database>, parentIds: readonly string[]): Promise<Dependent[]> {
  const rows = await tx
    .selectFrom('monitor as m')
    .innerJoin('outage', 'outage.test_id', 'm.id')
    .innerJoin('monitor as p', 'p.id', 'm.parent_id')
    .selectAll('outage')
    .select(['m.alert', 'm.timeout_ms', 'm.retries', 'p.id as parent_id', 'p.interval_seconds', 'p.cron', 'p.timezone'])
    .where('m.parent_id', 'in', [...parentIds])
    .where((where) =>
      where.or([
        where('outage.held_until', 'is not', null),
        where.and([where('outage.is_suppressed', '=', true), where('outage.resolved_at', 'is', null)]),
      ]),
    )
    .orderBy('outage.id')
    .forUpdate('outage')
    .execute();
  return rows.map(({ interval_seconds, cron, timezone, ...row }) => ({ ...row, parent: { interval_seconds, cron, timezone } }));
}

function hold(tx: Transaction<Database>, id: string, to: { wait_ms: number | null; is_suppressed: boolean }): Promise<unknown> {
  const { wait_ms: waitMs, is_suppressed } = to;
  const held_until = waitMs === null ? null : sql<string>`now() + ${`${waitMs} ms`}::interval`;
  return tx.updateTable('outage').set({ held_until, is_suppressed }).where('id', '=', id).execute();
}

/** The parent is up again: what it covered is looked at once more, and told when it goes on. */
async function recheck(tx: Transaction<Database>, outage: Dependent, nowMs: number): Promise<void> {
  const wait_ms = probeMs(outage);
  const { channel_ids } = AlertPolicy.parse(outage.alert);
  await hold(tx, outage.id, { wait_ms, is_suppressed: true });
  await openProbe(tx, outage.test_id, nowMs);
  await queueNotices(tx, { outage_id: outage.id, test_id: outage.test_id, kind: 'opened', channel_ids, wait_ms }, nowMs);
}

interface Pair {
  readonly outage: Dependent;
  readonly parent: MovedMonitor;
}

async function settle(tx: Transaction<Database>, { outage, parent }: Pair, nowMs: number): Promise<void> {
  const notices = { outage_id: outage.id, kind: 'opened' as const };
  if (parent.side === 'down') {
    if (outage.held_until === null) return;
    await hold(tx, outage.id, { wait_ms: null, is_suppressed: true });
    return dropNotices(tx, notices);
  }
  if (outage.is_suppressed) {
    if (parent.passed && outage.held_until === null) await recheck(tx, outage, nowMs);
    return;
  }
  let wait = 0;
  if (!parent.passed) {
    // It failed and is not down yet: its next run decides.
    const left = Date.parse(outage.confirmed_at) + MAX_HOLD_MS - nowMs;
    wait = Math.max(0, Math.min(left, intervalMs(outage.parent, nowMs) + probeMs(outage)));
  } else if (parent.at < Date.parse(outage.opened_at)) return;
  await hold(tx, outage.id, { wait_ms: parent.passed ? null : wait, is_suppressed: false });
  await deferNotices(tx, notices, wait);
}

/**
 * Moves the notices of monitors that depend on those that just ran, in the same transaction: sent when the parent is up,
 * suppressed when it is down, held a while longer when it only seems to be. Answers how many outages there were to look at.
 */
export async function settleDependents(
  tx: Transaction<Database>,
  moved: ReadonlyMap<string, MovedMonitor>,
  nowMs: number,
): Promise<number> {
  if (moved.size === 0) return 0;
  const dependents = await findDependents(tx, [...moved.keys()]);
  for (const outage of dependents) {
    const parent = moved.get(outage.parent_id);
    if (parent !== undefined) await settle(tx, { outage, parent }, nowMs);
  }
  return dependents.length;
}
