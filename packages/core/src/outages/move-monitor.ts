import { sql, type Transaction } from 'kysely';
import { deferNotices, dropNotices, queueNotices, queueRecovery } from '../alerts/index.ts';
import type { Database } from '../db/schema.ts';
import type { NewEvent } from '../events/index.ts';
import { newId } from '../ids.ts';
import type { AlertPolicy } from '../monitors/contract.ts';
import type { Observation, SideChange } from './observe.ts';
import { findParent, openProbe } from './parents.ts';
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
  /** A monitor that this one depends on is being looked at. */
  readonly has_probe: boolean;
}

/** Reopened so often, an outage is told to be flapping; once. */
const FLAPPING_AFTER = 3;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Replaces the timeline from a time on. */
export async function writeEdit(tx: Transaction<Database>, testId: string, edit: TimelineEdit): Promise<void> {
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

interface Moment {
  readonly monitor: MonitorSnapshot;
  readonly run: Observation;
  readonly change: SideChange;
  /** What was observed up to this run. */
  readonly recent: readonly Observation[];
  readonly now_ms: number;
}

interface Reopened {
  readonly id: string;
  readonly reopen_count: number;
  readonly is_muted: boolean;
}

interface Change {
  readonly event: NewEvent;
  readonly notices: number;
  readonly has_probe?: boolean;
}

/**
 * Queues the first notice of an outage, once. It is left out while the parent is down; it waits while the parent is looked at,
 * since whatever broke both may have shown here first.
 */
async function tell(tx: Transaction<Database>, moment: Moment, outageId: string): Promise<Omit<Change, 'event'>> {
  const { monitor, now_ms: nowMs } = moment;
  const parent = await findParent(tx, monitor.parent_id, moment.change.at);
  // Without anybody to tell there is nothing to hold.
  const wait_ms = monitor.alert.channel_ids.length === 0 ? null : (parent?.probe_ms ?? null);
  if (parent !== null && wait_ms !== null) await openProbe(tx, parent.id, nowMs);
  const isSuppressed = parent?.is_down ?? false;
  const held_until = wait_ms === null ? null : sql<string>`now() + ${`${wait_ms} ms`}::interval`;
  if (parent !== null) await tx.updateTable('outage').set({ is_suppressed: isSuppressed, held_until }).where('id', '=', outageId).execute();
  if (isSuppressed) return { notices: 0 };
  const request = { outage_id: outageId, test_id: monitor.test_id, kind: 'opened' as const, channel_ids: monitor.alert.channel_ids };
  return { notices: await queueNotices(tx, { ...request, wait_ms: wait_ms ?? 0 }, nowMs), has_probe: wait_ms !== null };
}

/** The last outage, open again, when it ended so recently that this is the same one. */
async function reopen(tx: Transaction<Database>, moment: Moment): Promise<Reopened | null> {
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
      resolved_by: null,
      recovery_run_id: null,
      acknowledged_at: null,
      acknowledged_by: null,
      reopen_count: sql`reopen_count + 1`,
      is_suppressed: false,
      held_until: null,
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
    .returning(['id', 'reopen_count', sql<boolean>`coalesce(muted_until > now(), false)`.as('is_muted')])
    .executeTakeFirst();
  return row ?? null;
}

async function reopened(tx: Transaction<Database>, moment: Moment, outage: Reopened): Promise<Change> {
  const { monitor, now_ms: nowMs } = moment;
  await dropNotices(tx, { outage_id: outage.id, kind: 'resolved' });
  // Silent for those who know of it; the others never heard of it.
  const told = await tell(tx, moment, outage.id);
  const isFlapping = outage.reopen_count === FLAPPING_AFTER && !outage.is_muted;
  const request = { outage_id: outage.id, test_id: monitor.test_id, kind: 'flapping' as const, channel_ids: monitor.alert.channel_ids };
  const notices = told.notices + (isFlapping ? await queueNotices(tx, request, nowMs) : 0);
  const event = { type: 'outage.reopened', id: outage.id, test_id: monitor.test_id, reopen_count: outage.reopen_count };
  return { ...told, event, notices };
}

async function open(tx: Transaction<Database>, moment: Moment): Promise<Change> {
  const { monitor, change, run, now_ms: nowMs } = moment;
  const { test_id: testId } = monitor;
  const again = await reopen(tx, moment);
  if (again !== null) return reopened(tx, moment, again);
  const failures = change.streak.filter((entry) => !entry.passed);
  const passedBefore = moment.recent.findLast((entry) => entry.passed && entry.at < change.at);
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
    })
    .execute();
  const event = { type: 'outage.opened', id, test_id: testId, opened_at: iso(change.at), error: run.error };
  return { ...(await tell(tx, moment, id)), event };
}

/** One more failure of the open outage; one that began before it moves its start, unless a pass lies between. */
async function fail(tx: Transaction<Database>, monitor: MonitorSnapshot, run: Observation): Promise<number> {
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
    .returning(['id', 'first_run_id', 'is_suppressed', 'held_until'])
    .executeTakeFirst();
  if (outage === undefined) return 0;
  if (outage.first_run_id === run.run_id)
    await writeEdit(tx, monitor.test_id, { from: run.at, segments: [{ state: 'down', from: run.at, to: null }] });
  return outage.is_suppressed ? uncover(tx, monitor, outage) : 0;
}

/** A suppressed outage that goes on: told once its parent is up again, or is not looked at any more. */
async function uncover(
  tx: Transaction<Database>,
  monitor: MonitorSnapshot,
  outage: { id: string; held_until: string | null },
): Promise<number> {
  const parent = outage.held_until === null ? await findParent(tx, monitor.parent_id, monitor.now_ms) : null;
  if (parent?.is_down === true) return 0;
  await tx.updateTable('outage').set({ is_suppressed: false, held_until: null }).where('id', '=', outage.id).execute();
  const { channel_ids } = monitor.alert;
  const queued = await queueNotices(tx, { outage_id: outage.id, test_id: monitor.test_id, kind: 'opened', channel_ids }, monitor.now_ms);
  return queued + (await deferNotices(tx, { outage_id: outage.id, kind: 'opened' }, 0));
}

async function resolve(tx: Transaction<Database>, moment: Moment): Promise<Change | null> {
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
    .returning(['id', 'opened_at', 'resolved_at', 'reopen_count', 'is_suppressed'])
    .executeTakeFirst();
  if (outage === undefined) return null;
  if (outage.is_suppressed) await dropNotices(tx, { outage_id: outage.id, kind: 'opened' });
  // One that came back before is believed once it stays away for as long as it would be reopened.
  const wait_ms = outage.reopen_count === 0 ? 0 : monitor.alert.reopen_within_seconds * 1000;
  const recovery = { id: outage.id, test_id: monitor.test_id, seq: outage.reopen_count, wait_ms };
  const notices = await queueRecovery(tx, recovery, moment.now_ms);
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
  let has_probe = false;
  if (change !== null) {
    const moment: Moment = { monitor, run, change, recent: state.recent, now_ms: monitor.now_ms };
    const done = change.side === 'down' ? await open(tx, moment) : wasDown ? await resolve(tx, moment) : null;
    if (done !== null) {
      events.push(done.event);
      notices += done.notices;
      has_probe = done.has_probe ?? false;
    }
  } else if (wasDown && !run.passed) {
    notices += await fail(tx, monitor, run);
  }
  return { state, events, notices, has_probe };
}
