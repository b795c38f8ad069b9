import { sql, type Transaction } from 'kysely';
import { queueNotices, queueRecovery } from '../alerts/index.ts';
import type { Database } from '../db/schema.ts';
import type { NewEvent } from '../events/index.ts';
import { newId } from '../ids.ts';
import type { AlertPolicy } from '../monitors/contract.ts';
import type { Observation, SideChange } from './observe.ts';
import { advance, type TimelineEdit, type TimelineState } from './timeline.ts';

/** A monitor as its runs find it. */
export interface MonitorSnapshot {
  readonly test_id: string;
  readonly alert: AlertPolicy;
  readonly parent_id: string | null;
  readonly stale_ms: number;
  readonly state: TimelineState;
  /** This process's clock, for ids. */
  readonly now_ms: number;
}

/** What a run changed, for the log and for the notices. */
export interface MonitorNews {
  readonly state: TimelineState;
  readonly events: readonly NewEvent[];
  readonly notices: number;
}

/** Reopened so often, an outage is told to be flapping; once. */
const FLAPPING_AFTER = 3;

const iso = (ms: number): string => new Date(ms).toISOString();

async function writeEdit(tx: Transaction<Database>, testId: string, edit: TimelineEdit): Promise<void> {
  const at = iso(edit.from);
  await tx.deleteFrom('state_segment').where('test_id', '=', testId).where('from_at', '>=', at).execute();
  await sql`update state_segment set to_at = ${at} where test_id = ${testId} and (to_at is null or to_at > ${at})`.execute(tx);
  await tx
    .insertInto('state_segment')
    .values(
      edit.segments.map((segment) => ({
        test_id: testId,
        from_at: iso(segment.from),
        to_at: segment.to === null ? null : iso(segment.to),
        state: segment.state,
      })),
    )
    .execute();
}

async function isParentDown(tx: Transaction<Database>, parentId: string | null): Promise<boolean> {
  if (parentId === null) return false;
  const open = await tx
    .selectFrom('outage')
    .select('id')
    .where('test_id', '=', parentId)
    .where('resolved_at', 'is', null)
    .executeTakeFirst();
  return open !== undefined;
}

interface Moment {
  readonly monitor: MonitorSnapshot;
  readonly run: Observation;
  readonly change: SideChange;
  /** What was observed up to this run. */
  readonly recent: readonly Observation[];
  readonly now_ms: number;
}

/** The last outage, open again, when it ended so recently that this is the same one. */
async function reopen(tx: Transaction<Database>, moment: Moment): Promise<{ id: string; reopen_count: number } | null> {
  const { monitor, change, run } = moment;
  const seconds = monitor.alert.reopen_within_seconds;
  if (seconds === 0) return null;
  const failed = change.streak.filter((entry) => !entry.passed).length;
  const row = await tx
    .updateTable('outage')
    .set({
      status: 'open',
      resolved_at: null,
      resolution: null,
      recovery_run_id: null,
      acknowledged_at: null,
      acknowledged_by: null,
      reopen_count: sql`reopen_count + 1`,
      failed_runs: sql`failed_runs + ${failed}`,
      last_run_id: run.run_id,
      last_failed_at: iso(run.at),
      error: run.error,
    })
    .where('id', '=', (select) =>
      select
        .selectFrom('outage')
        .select('id')
        .where('test_id', '=', monitor.test_id)
        .orderBy('opened_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1),
    )
    .where('resolved_at', '>=', iso(change.at - seconds * 1000))
    .returning(['id', 'reopen_count'])
    .executeTakeFirst();
  return row ?? null;
}

async function open(tx: Transaction<Database>, moment: Moment): Promise<{ event: NewEvent; notices: number }> {
  const { monitor, change, run, now_ms: nowMs } = moment;
  const { test_id: testId, alert } = monitor;
  const reopened = await reopen(tx, moment);
  if (reopened !== null) {
    const isFlapping = reopened.reopen_count === FLAPPING_AFTER;
    const request = { outage_id: reopened.id, test_id: testId, kind: 'flapping' as const, channel_ids: alert.channel_ids };
    const notices = isFlapping ? await queueNotices(tx, request, nowMs) : 0;
    return { event: { type: 'outage.reopened', id: reopened.id, test_id: testId, reopen_count: reopened.reopen_count }, notices };
  }
  const failures = change.streak.filter((entry) => !entry.passed);
  const passedBefore = moment.recent.findLast((entry) => entry.passed && entry.at < change.at);
  const isSuppressed = await isParentDown(tx, monitor.parent_id);
  const id = newId('out', nowMs);
  await tx
    .insertInto('outage')
    .values({
      id,
      test_id: testId,
      status: 'open',
      opened_at: iso(change.at),
      confirmed_at: iso(Math.max(change.at, run.at)),
      failed_runs: failures.length,
      first_run_id: failures[0]?.run_id ?? run.run_id,
      last_run_id: failures.at(-1)?.run_id ?? run.run_id,
      last_failed_at: iso(failures.at(-1)?.at ?? run.at),
      last_passed_at: passedBefore === undefined ? null : iso(passedBefore.at),
      error: run.error,
      is_suppressed: isSuppressed,
    })
    .execute();
  const notices = isSuppressed
    ? 0
    : await queueNotices(tx, { outage_id: id, test_id: testId, kind: 'opened', channel_ids: alert.channel_ids }, nowMs);
  return { event: { type: 'outage.opened', id, test_id: testId, opened_at: iso(change.at), error: run.error }, notices };
}

/** One more failure of the open outage; one that began before it moves its start, unless a pass lies between. */
async function fail(tx: Transaction<Database>, monitor: MonitorSnapshot, run: Observation): Promise<void> {
  const at = iso(run.at);
  const outage = await tx
    .updateTable('outage')
    .set({
      failed_runs: sql`failed_runs + 1`,
      last_run_id: sql<string>`case when ${at}::timestamptz >= last_failed_at then ${run.run_id} else last_run_id end`,
      error: sql<string | null>`case when ${at}::timestamptz >= last_failed_at then ${run.error} else error end`,
      last_failed_at: sql<string>`greatest(last_failed_at, ${at}::timestamptz)`,
      first_run_id: sql<string>`case when ${at}::timestamptz < opened_at and ${at}::timestamptz > coalesce(last_passed_at, '-infinity') then ${run.run_id} else first_run_id end`,
      opened_at: sql<string>`case when ${at}::timestamptz > coalesce(last_passed_at, '-infinity') then least(opened_at, ${at}::timestamptz) else opened_at end`,
    })
    .where('test_id', '=', monitor.test_id)
    .where('resolved_at', 'is', null)
    .returning(['opened_at', 'first_run_id'])
    .executeTakeFirst();
  const isEarlier = outage !== undefined && outage.first_run_id === run.run_id;
  if (isEarlier) await writeEdit(tx, monitor.test_id, { from: run.at, segments: [{ state: 'down', from: run.at, to: null }] });
}

async function resolve(tx: Transaction<Database>, moment: Moment): Promise<{ event: NewEvent; notices: number } | null> {
  const { monitor, change } = moment;
  const [first] = change.streak;
  const outage = await tx
    .updateTable('outage')
    .set({
      status: 'resolved',
      resolved_at: sql<string>`greatest(opened_at, ${iso(change.at)}::timestamptz)`,
      resolution: 'recovered',
      recovery_run_id: first?.run_id ?? moment.run.run_id,
    })
    .where('test_id', '=', monitor.test_id)
    .where('resolved_at', 'is', null)
    .returning(['id', 'opened_at', 'resolved_at', 'reopen_count'])
    .executeTakeFirst();
  if (outage === undefined) return null;
  const notices = await queueRecovery(tx, { id: outage.id, test_id: monitor.test_id, seq: outage.reopen_count }, moment.now_ms);
  const event = {
    type: 'outage.resolved',
    id: outage.id,
    test_id: monitor.test_id,
    opened_at: outage.opened_at,
    resolved_at: outage.resolved_at,
  };
  return { event, notices };
}

/**
 * Moves a monitor by one counted run, in the transaction that records it: its timeline, its outage and the notices of both.
 * Runs may arrive out of order; the state answered is the one to hand in with the next.
 */
export async function moveMonitor(tx: Transaction<Database>, monitor: MonitorSnapshot, run: Observation): Promise<MonitorNews> {
  const wasDown = monitor.state.side === 'down';
  const { state, edits, change } = advance(monitor.state, run, { ...monitor.alert, stale_ms: monitor.stale_ms });
  for (const edit of edits) await writeEdit(tx, monitor.test_id, edit);
  const events: NewEvent[] = [];
  let notices = 0;
  if (change !== null) {
    const moment: Moment = { monitor, run, change, recent: state.recent, now_ms: monitor.now_ms };
    const done = change.side === 'down' ? await open(tx, moment) : wasDown ? await resolve(tx, moment) : null;
    if (done !== null) {
      events.push(done.event);
      notices += done.notices;
    }
  } else if (wasDown && !run.passed) {
    await fail(tx, monitor, run);
  }
  return { state, events, notices };
}
