import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { countFailures, foldFailures } from '../failures/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { foldStatistics } from '../stats/index.ts';
import { foldVideoJobs } from '../videos/index.ts';
import { DEMO_ACTIVITIES, HELD_ACTIVITY, VIDEO_KIND, type DemoActivity } from './activities.ts';
import type { Demo, LoadDemoInput } from './contract.ts';
import { planWorkers } from './fleet.ts';
import { failuresOf } from './failures-of.ts';
import { findDemo, KEY } from './find-demo.ts';
import { insertRows } from './insert-rows.ts';
import { DEMO_MONITORS } from './monitor-catalog.ts';
import { planMonitor, type MonitorPlan } from './plan-monitor.ts';
import { planPublishing } from './plan-publishing.ts';
import { planWorkloads } from './plan-workloads.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { forgetHistory, saveHistory } from './save-history.ts';
import { saveMonitors } from './save-monitors.ts';
import { savePublishing } from './save-publishing.ts';
import { saveWorkloads } from './save-workloads.ts';
import { spanOf, type Span } from './span.ts';

/** Whether the store of the history holds monitors of somebody else. */
async function hasEarlierMonitors(ctx: CoreContext): Promise<boolean> {
  if (ctx.runs.earlier === null) return false;
  for await (const page of ctx.runs.earlier.list()) if (page.length > 0) return true;
  return false;
}

/** Whether nothing of a user's is there: no work, monitors or records. */
async function isEmpty(ctx: CoreContext): Promise<boolean> {
  if (await hasEarlierMonitors(ctx)) return false;
  const { rows } = await sql<{ is_empty: boolean }>`
    select not exists (select from workload) and not exists (select from monitor) and not exists (select from publication)
      and not exists (select from video) and not exists (select from campaign) and not exists (select from queue) as is_empty`.execute(
    ctx.database.db,
  );
  return rows[0]?.is_empty === true;
}

async function requireRoom(ctx: CoreContext, force: boolean): Promise<boolean> {
  const known = await findDemo(ctx);
  if (known !== null) throw new AppError('CONFLICT', `Demo data was loaded at ${known.loaded_at} already. Remove it first.`);
  await removeLeftovers(ctx);
  const isAlone = await isEmpty(ctx);
  if (!isAlone && !force)
    throw new AppError(
      'CONFLICT',
      'The database is not empty, so no demo data was loaded beside what is there. Use an empty one, or force it.',
    );
  return isAlone;
}

/** The lanes of the demo's work, which live on their own: they are made before the transaction. */
async function ensureLanes(ctx: CoreContext): Promise<(activity: DemoActivity) => number> {
  const lanes = new Map<DemoActivity, number>();
  for (const activity of DEMO_ACTIVITIES) lanes.set(activity, (await ctx.lanes.ensure(activity.lane)).id);
  return (activity) => lanes.get(activity) ?? 0;
}

async function saveQueues(tx: Transaction<Database>, span: Span): Promise<void> {
  const updated_at = span.iso(span.now - 3 * 3_600_000);
  const open = { is_paused: false, concurrency: null, rate_per_minute: null, updated_at };
  await insertRows(tx, 'queue', [
    { ...open, name: 'scans', concurrency: 6 },
    { ...open, name: 'media', rate_per_minute: 120 },
    { ...open, name: HELD_ACTIVITY.lane.queue, is_paused: true },
  ]);
}

/** One transaction, with the runs of the monitors last where another store keeps them: when it fails, they are taken out again. */
async function withHistory(
  ctx: CoreContext,
  monitors: readonly MonitorPlan[],
  save: (tx: Transaction<Database>) => Promise<void>,
): Promise<void> {
  const { db } = ctx.database;
  const isApart = !ctx.runs.capabilities.is_transactional;
  try {
    await db.transaction().execute(async (tx) => {
      await save(tx);
      if (isApart) await saveHistory(ctx, tx, monitors);
    });
  } catch (error) {
    if (isApart) {
      await db
        .transaction()
        .execute((tx) => forgetHistory(ctx, tx, monitors))
        .catch((left: unknown) => ctx.log.warn({ err: left }, 'runs of a demo that could not be loaded are left in the store'));
    }
    throw error;
  }
}

/**
 * Fills a database with a month of work as if it had happened, all or nothing: rows, log, counters and roll-ups agree as they do
 * after real work. Its agents have signed off; live traffic brings them back.
 * @throws {AppError} CONFLICT when demo data is there, or the database is not empty and `force` is not set.
 */
export async function loadDemo(ctx: CoreContext, input: LoadDemoInput): Promise<Demo> {
  const isAlone = await requireRoom(ctx, input.force);
  const laneOf = await ensureLanes(ctx);
  await foldStatistics(ctx);
  await foldVideoJobs(ctx);
  await foldFailures(ctx);
  const { rows: clock } = await sql<{ now: string }>`select now()`.execute(ctx.database.db);
  const span = spanOf(input.seed, input.days, Date.parse(clock[0]?.now ?? new Date(ctx.now()).toISOString()));
  const plan = planWorkloads(laneOf, span);
  const monitors = DEMO_MONITORS.map((entry) => planMonitor(entry, span));
  const publishing = planPublishing(span);
  const videoLanes = DEMO_ACTIVITIES.filter((activity) => activity.lane.kind === VIDEO_KIND).map(laneOf);
  const kinds = new Map(DEMO_ACTIVITIES.map((activity) => [laneOf(activity), activity.lane.kind]));
  const kindOf = (lane: number): string => kinds.get(lane) ?? 'unknown';
  const jobs = plan.workloads.filter((row) => videoLanes.includes(row.lane_id));
  const demo: Demo = {
    seed: input.seed,
    days: input.days,
    loaded_at: span.iso(span.now),
    is_alone: isAlone,
    workloads: plan.workloads.length,
    runs: monitors.reduce((sum, monitor) => sum + monitor.runs.length, 0),
    publications: publishing.publications.length,
  };
  await withHistory(ctx, monitors, async (tx) => {
    const { workers, sessions } = planWorkers(span);
    await insertRows(tx, 'worker', workers);
    await insertRows(tx, 'worker_session', sessions);
    await saveQueues(tx, span);
    await saveMonitors(tx, monitors, { span, target: input.target, has_history: ctx.runs.capabilities.is_transactional });
    await savePublishing(tx, publishing, { span, target: input.target, jobs });
    await sql`insert into setting (key, value) values (${KEY}, ${JSON.stringify(demo)}::jsonb)`.execute(tx);
    await saveWorkloads(tx, plan, span);
    await countFailures(tx, failuresOf({ plan, kindOf, monitors, publishing }));
  });
  await ctx.queues.refresh();
  return demo;
}
