import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newId } from '../ids.ts';
import { isInMaintenance, type MaintenanceRow } from '../maintenance/index.ts';
import type { CoreContext, RecordedRun } from '../ports/index.ts';
import { recordFinished } from '../runs/index.ts';
import { nextRun, phaseOf } from '../schedules/index.ts';
import { startRuns } from './start-runs.ts';

const PAGE = 500;

interface DueMonitor {
  id: string;
  type: 'synthetic' | 'heartbeat';
  interval_seconds: number | null;
  cron: string | null;
  timezone: string;
  grace_seconds: number;
  tags: string[];
  next_run_at: string;
  now: string;
}

/**
 * The next time after `nowMs` on the monitor's own grid: its interval, moved by a share of it that its id decides. Monitors that
 * begin together run at once, and from then on each in a phase of its own.
 */
function nextOnGrid(monitor: { id: string; interval_seconds: number }, nowMs: number): number {
  const interval = monitor.interval_seconds * 1000;
  const offset = Math.floor(phaseOf(monitor.id) * interval);
  return (Math.floor((nowMs - offset) / interval) + 1) * interval + offset;
}

function nextDue(monitor: DueMonitor): number | null {
  const { id, interval_seconds } = monitor;
  const now = Date.parse(monitor.now);
  const due = Date.parse(monitor.next_run_at);
  if (monitor.type === 'heartbeat') {
    const grace = monitor.grace_seconds * 1000;
    const next = nextRun(monitor, due - grace, now - grace);
    return next === null ? null : next + grace;
  }
  return interval_seconds === null ? nextRun(monitor, due, now) : nextOnGrid({ id, interval_seconds }, now);
}

function missedPing(monitor: DueMonitor, ctx: CoreContext): RecordedRun {
  const seconds = monitor.interval_seconds === null ? `cron "${monitor.cron ?? ''}"` : `every ${monitor.interval_seconds} s`;
  return {
    run_id: newId('run', ctx.now()),
    test_id: monitor.id,
    triggered_by: 'schedule',
    started_at: monitor.now,
    completed_at: monitor.now,
    duration_ms: 0,
    passed: false,
    steps_passed: 0,
    steps_total: 1,
    details: 'The expected ping did not come.',
    error: `No ping came in time (expected ${seconds}, grace ${monitor.grace_seconds} s).`,
    step_results: [],
    attempts: 1,
    is_flaky: false,
    is_degraded: false,
    workload_id: null,
    worker_id: null,
    artifacts: [],
  };
}

async function openRuns(ctx: CoreContext, tx: Transaction<Database>, monitors: readonly DueMonitor[]): Promise<void> {
  if (monitors.length === 0) return;
  await tx
    .insertInto('open_run')
    .values(
      monitors.map((monitor) => ({
        run_id: newId('run', ctx.now()),
        test_id: monitor.id,
        workload_id: null,
        triggered_by: 'schedule',
        is_scheduled: true,
      })),
    )
    // One that still waits or runs is not doubled: this due time is missed.
    .onConflict((conflict) => conflict.column('test_id').where('is_scheduled', '=', true).doNothing())
    .execute();
}

async function schedulePage(ctx: CoreContext, maintenance: readonly MaintenanceRow[]): Promise<{ taken: number; topics: string[] }> {
  return ctx.database.db.transaction().execute(async (tx) => {
    const { rows: due } = await sql<DueMonitor>`
      select m.id, m.type, m.interval_seconds, m.cron, m.timezone, m.grace_seconds, m.tags, s.next_run_at, now() as now
      from monitor_state s join monitor m on m.id = s.test_id
      where s.next_run_at <= now() and m.status = 'active' order by s.next_run_at limit ${PAGE} for update of s skip locked`.execute(tx);
    if (due.length === 0) return { taken: 0, topics: [] };
    const next = due.map((monitor) => ({ id: monitor.id, at: nextDue(monitor) }));
    await sql`update monitor_state s set next_run_at = i.at
      from unnest(${next.map((entry) => entry.id)}::text[], ${next.map((entry) => (entry.at === null ? null : new Date(entry.at).toISOString()))}::timestamptz[]) as i(id, at)
      where s.test_id = i.id`.execute(tx);
    const wanted = due.filter((monitor) => !isInMaintenance(maintenance, monitor, Date.parse(monitor.now)));
    await openRuns(
      ctx,
      tx,
      wanted.filter((monitor) => monitor.type === 'synthetic'),
    );
    const silent = wanted.filter((monitor) => monitor.type === 'heartbeat').map((monitor) => missedPing(monitor, ctx));
    return { taken: due.length, topics: await recordFinished(ctx, tx, silent) };
  });
}

/**
 * Opens a run for every monitor that is due, and makes its workload. A due time passes while the monitor's last scheduled run is
 * still open or planned work is under way, so an outage of the control plane is followed by one run, not by many.
 * Any number of servers may call it: each due time is one server's.
 */
export async function scheduleRuns(ctx: CoreContext): Promise<void> {
  const maintenance = await ctx.database.db.selectFrom('maintenance').selectAll().execute();
  for (;;) {
    const { taken, topics } = await schedulePage(ctx, maintenance);
    if (topics.length > 0) ctx.hub.publish(topics);
    await startRuns(ctx);
    if (taken < PAGE) return;
  }
}

/** Milliseconds until the next monitor is due, by the database's clock; null when none is scheduled. */
export async function nextDueMs(ctx: CoreContext): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(next_run_at) - now()) * 1000)::float8 as ms from monitor_state where next_run_at is not null`.execute(
    ctx.database.db,
  );
  return rows[0]?.ms ?? null;
}
