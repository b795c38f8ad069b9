import { sql, type Transaction } from 'kysely';
import { DELIVERIES_TOPIC } from '../alerts/index.ts';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { appendEvent, type NewEvent } from '../events/index.ts';
import { AlertPolicy } from '../monitors/contract.ts';
import { moveMonitor, settleDependents, staleMs, type MonitorSnapshot, type MovedMonitor, type Observation } from '../outages/index.ts';
import type { CoreContext, RecordedRun } from '../ports/index.ts';
import { intervalMs } from '../schedules/index.ts';
import { streamOf } from './append-step-events.ts';
import { toRecordedRun, type EndedRun } from './to-recorded-run.ts';

const PAGE = 100;
/** The idempotency key of a run's workload: it links them before the row of the run could say which it is. */
export const RUN_KEY = 'monitor-run:';
/** Changes of all monitors: the stream and topic for lists and dashboards. */
export const MONITORS_TOPIC = 'monitors';
/** Topic on which the scheduler hears that something is due sooner than it knew. */
export const SCHEDULE_TOPIC = 'monitor_schedule';

export interface StateRow {
  readonly snapshot: MonitorSnapshot;
  last_run_at: number | null;
  last_run_id: string | null;
  last_result: 'passed' | 'failed' | null;
}

/** Locks the monitors of these runs, in one order, so that their states change one after the other. */
async function lockStates(tx: Transaction<Database>, testIds: readonly string[], nowMs: number): Promise<Map<string, StateRow>> {
  const rows = await tx
    .selectFrom('monitor_state as state')
    .innerJoin('monitor', 'monitor.id', 'state.test_id')
    .select(['state.test_id', 'state.side', 'state.recent', 'state.last_run_at', 'state.last_run_id', 'state.last_result'])
    .select([
      'monitor.alert',
      'monitor.parent_id',
      'monitor.interval_seconds',
      'monitor.cron',
      'monitor.timezone',
      'monitor.timeout_ms',
      'monitor.retries',
    ])
    .where('state.test_id', 'in', [...new Set(testIds)])
    .orderBy('state.test_id')
    .forUpdate('state')
    .execute();
  return new Map(
    rows.map((row) => {
      const last_at = row.last_run_at === null ? null : Date.parse(row.last_run_at);
      const recent = JSON.parse(row.recent) as Observation[];
      const snapshot = {
        test_id: row.test_id,
        alert: AlertPolicy.parse(row.alert),
        parent_id: row.parent_id,
        stale_ms: staleMs(intervalMs(row, nowMs), row.timeout_ms * (row.retries + 1)),
        state: { side: row.side, recent, last_at },
        now_ms: nowMs,
      };
      return [row.test_id, { snapshot, last_run_at: last_at, last_run_id: row.last_run_id, last_result: row.last_result }];
    }),
  );
}

export async function saveStates(tx: Transaction<Database>, states: readonly StateRow[]): Promise<void> {
  const column = <Value>(read: (state: StateRow) => Value): Value[] => states.map(read);
  await sql`
    update monitor_state s set side = i.side, recent = i.recent, last_run_at = i.last_run_at, last_run_id = i.last_run_id, last_result = i.last_result
    from unnest(${column(({ snapshot }) => snapshot.test_id)}::text[], ${column(({ snapshot }) => snapshot.state.side)}::text[],
      ${column(({ snapshot }) => JSON.stringify(snapshot.state.recent))}::text[],
      ${column((state) => (state.last_run_at === null ? null : new Date(state.last_run_at).toISOString()))}::timestamptz[],
      ${column((state) => state.last_run_id)}::text[], ${column((state) => state.last_result)}::text[])
      as i(test_id, side, recent, last_run_at, last_run_id, last_result)
    where s.test_id = i.test_id`.execute(tx);
}

function noteLast(state: StateRow, run: RecordedRun): void {
  const at = Date.parse(run.started_at);
  const isLatest =
    state.last_run_at === null || at > state.last_run_at || (at === state.last_run_at && run.run_id > (state.last_run_id ?? ''));
  if (!isLatest) return;
  state.last_run_at = at;
  state.last_run_id = run.run_id;
  state.last_result = run.passed ? 'passed' : 'failed';
}

/**
 * Records finished runs with everything that follows from them, in the caller's transaction: history and roll-ups, the monitors'
 * states and timelines, outages and their notices, and the log. Answers the topics to publish after the commit.
 */
export async function recordFinished(ctx: CoreContext, tx: Transaction<Database>, runs: readonly RecordedRun[]): Promise<string[]> {
  if (runs.length === 0) return [];
  const states = await lockStates(
    tx,
    runs.map((run) => run.test_id),
    ctx.now(),
  );
  const known = runs
    .filter((run) => states.has(run.test_id))
    .toSorted((left, right) =>
      left.started_at < right.started_at ? -1 : left.started_at > right.started_at ? 1 : left.run_id < right.run_id ? -1 : 1,
    );
  await ctx.runs.record(tx, known);
  const events: NewEvent[] = [];
  const moved = new Map<string, MovedMonitor>();
  let notices = 0;
  let hasProbe = false;
  for (const run of known) {
    const entry = states.get(run.test_id);
    if (entry === undefined) continue;
    const observation = { run_id: run.run_id, at: Date.parse(run.started_at), passed: run.passed, error: run.error?.slice(0, 500) ?? null };
    const news = await moveMonitor(tx, entry.snapshot, observation);
    const next: StateRow = { ...entry, snapshot: { ...entry.snapshot, state: news.state } };
    noteLast(next, run);
    states.set(run.test_id, next);
    events.push(
      { type: 'run.recorded', test_id: run.test_id, run_id: run.run_id, passed: run.passed, duration_ms: run.duration_ms },
      ...news.events,
    );
    moved.set(run.test_id, { test_id: run.test_id, side: news.state.side, passed: run.passed, at: observation.at });
    notices += news.notices;
    hasProbe ||= news.has_probe;
  }
  const settled = await settleDependents(tx, moved, ctx.now());
  await saveStates(tx, [...states.values()]);
  await appendEvent(tx, MONITORS_TOPIC, events);
  const topics = [MONITORS_TOPIC, ...[...states.keys()].map(streamOf)];
  if (notices + settled > 0) topics.push(DELIVERIES_TOPIC);
  if (hasProbe || settled > 0) topics.push(SCHEDULE_TOPIC);
  return topics;
}

/** Runs whose workload is over, oldest first, each for one server only. */
async function takeEnded(tx: Transaction<Database>, only: string | null): Promise<EndedRun[]> {
  const { rows } = await sql<EndedRun>`
    select o.run_id, o.test_id, o.triggered_by, o.created_at as opened_at, coalesce(w.id, o.workload_id) as workload_id, w.status, w.status_reason,
      w.output, w.error, w.worker_id, w.duration_ms, w.timeout_ms, w.lease_losses, w.started_at, w.finished_at,
      json_array_length(m.steps::json) as step_count, m.steps like '%"type":"browser"%' as has_browser, m.degraded_ms, now() as recorded_at
    from open_run o join monitor m on m.id = o.test_id left join workload w on w.idempotency_key = ${RUN_KEY} || o.run_id
    where (w.finished_at is not null or (w.id is null and o.workload_id is not null)) and (${only}::text is null or o.run_id = ${only}::text)
    order by o.created_at, o.run_id limit ${PAGE} for update of o skip locked`.execute(tx);
  return rows;
}

async function recordPage(ctx: CoreContext, only: string | null): Promise<{ taken: number; topics: string[] }> {
  return ctx.database.db.transaction().execute(async (tx) => {
    const ended = await takeEnded(tx, only);
    if (ended.length === 0) return { taken: 0, topics: [] };
    await tx
      .deleteFrom('open_run')
      .where(
        'run_id',
        'in',
        ended.map((run) => run.run_id),
      )
      .execute();
    const runs = ended.map(toRecordedRun).filter((run) => run !== null);
    const topics = await recordFinished(ctx, tx, runs);
    const cancelled = ended.filter((run) => run.status === 'cancelled').map((run) => streamOf(run.test_id));
    return { taken: ended.length, topics: [...topics, ...cancelled] };
  });
}

/** A page that fails is taken apart, so that one run nobody can record does not keep the others. */
async function recordEach(ctx: CoreContext): Promise<void> {
  const { rows } = await sql<{ run_id: string }>`
    select o.run_id from open_run o join workload w on w.idempotency_key = ${RUN_KEY} || o.run_id where w.finished_at is not null
    order by o.created_at limit ${PAGE}`.execute(ctx.database.db);
  for (const { run_id } of rows) {
    try {
      ctx.hub.publish((await recordPage(ctx, run_id)).topics);
    } catch (error) {
      ctx.log.error({ err: error, run_id }, 'a run could not be recorded; it will be tried again');
    }
  }
}

/**
 * Records every run whose workload is over, exactly once: the row of the run in progress goes in the transaction that records it,
 * so a server that dies in between leaves it for the next. Any number of servers may call it. False when a store is out of reach:
 * what is left is to be tried again soon.
 */
export async function recordRuns(ctx: CoreContext): Promise<boolean> {
  for (;;) {
    try {
      const { taken, topics } = await recordPage(ctx, null);
      if (topics.length > 0) ctx.hub.publish([...new Set(topics)]);
      if (taken < PAGE) return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAVAILABLE') {
        ctx.log.warn({ err: error }, 'runs wait to be recorded: the store is out of reach');
        return false;
      }
      ctx.log.warn({ err: error }, 'a page of runs could not be recorded; trying one by one');
      await recordEach(ctx);
      return true;
    }
  }
}
