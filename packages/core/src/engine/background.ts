import { DELIVERIES_TOPIC, dispatchDeliveries, nextDeliveryMs, remindOutages } from '../alerts/index.ts';
import { pruneHistory } from '../history/index.ts';
import { nextDueMs, SCHEDULE_TOPIC, scheduleRuns } from '../monitors/index.ts';
import { runOperations } from '../operations/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { runRetention } from '../retention/index.ts';
import { pruneRuns, recordRuns } from '../runs/index.ts';
import { checkDrift, foldStatistics } from '../stats/index.ts';
import { nextWakeMs, promoteDue } from '../workloads/index.ts';
import { Loop } from './loop.ts';
import { createPublishingLoops, hearOfPublishing } from './publishing-loops.ts';
import { sweep, SWEEP_MS } from './sweep.ts';

const MAX_SLEEP_MS = 60_000;
const MAINTAIN_MS = 60_000;
/** Statistics over time follow the log by this much; a read of them catches up first. */
const FOLD_DELAY_MS = 1000;
const DRIFT_CHECK_MS = 3_600_000;
const RETENTION_MS = 3_600_000;
/** Wake-ups only hint; this often every reader and parked agent looks for itself when other servers share the database. */
const SAFETY_POLL_MS = 5000;
/** Ends of workloads that come together are recorded together. */
const RECORD_DELAY_MS = 50;
const RECORD_POLL_MS = 10_000;

/** The work of the engine that nobody asks for: keeping time, folding, cleaning. */
export interface Background {
  start(): void;
  stop(): Promise<void>;
  /** Something now waits for a time that may be sooner than the one known. */
  nudgePromoter(): void;
}

/** Calls back once, a moment after the first of several calls. */
function soon(ms: number, run: () => void): { call(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    call() {
      timer ??= setTimeout(() => {
        timer = undefined;
        run();
      }, ms).unref();
    },
    cancel: () => clearTimeout(timer),
  };
}

function createLoops(ctx: CoreContext) {
  const { log, database } = ctx;
  return {
    ...createPublishingLoops(ctx),
    sweep: new Loop('sweep', log, async () => {
      await sweep(ctx);
      return SWEEP_MS;
    }),
    promote: new Loop('promote', log, async () => {
      await promoteDue(ctx);
      return Math.min(MAX_SLEEP_MS, (await nextWakeMs(ctx)) ?? MAX_SLEEP_MS);
    }),
    fold: new Loop('fold statistics', log, async () => {
      await foldStatistics(ctx);
      return MAX_SLEEP_MS;
    }),
    drift: new Loop('check drift', log, async () => {
      await checkDrift(ctx);
      return DRIFT_CHECK_MS;
    }),
    retention: new Loop('retention', log, async () => {
      const removed = await runRetention(ctx, { dry_run: false });
      await pruneHistory(ctx);
      await pruneRuns(ctx);
      log.info({ ...removed.workloads, events: removed.events }, 'removed what retention no longer keeps');
      return RETENTION_MS;
    }),
    operations: new Loop('bulk actions', log, async () => {
      await runOperations(ctx);
      return MAX_SLEEP_MS;
    }),
    schedule: new Loop('schedule monitors', log, async () => {
      await scheduleRuns(ctx);
      return Math.min(MAX_SLEEP_MS, (await nextDueMs(ctx)) ?? MAX_SLEEP_MS);
    }),
    record: new Loop('record runs', log, async () => {
      await recordRuns(ctx);
      return RECORD_POLL_MS;
    }),
    remind: new Loop('remind of outages', log, async () => {
      await remindOutages(ctx);
      return MAX_SLEEP_MS;
    }),
    deliver: new Loop('deliver notices', log, async () => {
      if (ctx.notices === null) return MAX_SLEEP_MS;
      await dispatchDeliveries(ctx, ctx.notices);
      return Math.min(MAX_SLEEP_MS, (await nextDeliveryMs(ctx)) ?? MAX_SLEEP_MS);
    }),
    maintain: new Loop('maintain', log, async () => {
      await database.maintain();
      return MAINTAIN_MS;
    }),
  };
}

/** Builds the background work of one server; it does nothing before `start`. */
export function createBackground(ctx: CoreContext, raiseAll: () => void): Background {
  const loops = createLoops(ctx);
  const foldSoon = soon(FOLD_DELAY_MS, () => {
    loops.fold.nudge();
    loops.video_jobs.nudge();
  });
  const recordSoon = soon(RECORD_DELAY_MS, () => {
    loops.record.nudge();
    loops.outcomes.nudge();
  });
  let safety: NodeJS.Timeout | undefined;
  ctx.hub.listen(DELIVERIES_TOPIC, () => loops.deliver.nudge());
  ctx.hub.listen(SCHEDULE_TOPIC, () => loops.schedule.nudge());
  ctx.hub.listen('workloads', () => recordSoon.call());
  ctx.hub.listen('operations', () => loops.operations.nudge());
  hearOfPublishing(ctx, loops);
  ctx.hub.listen('workloads', () => foldSoon.call());
  return {
    start() {
      const { maintain, drift, ...always } = loops;
      for (const loop of Object.values(always)) loop.start();
      drift.start(DRIFT_CHECK_MS);
      if (!ctx.database.capabilities.has_autovacuum) maintain.start();
      if (!ctx.database.capabilities.is_shared) return;
      safety = setInterval(() => {
        ctx.parked.wake('*');
        raiseAll();
      }, SAFETY_POLL_MS);
      safety.unref();
    },
    async stop() {
      clearInterval(safety);
      foldSoon.cancel();
      recordSoon.cancel();
      await Promise.all(Object.values(loops).map((loop) => loop.stop()));
    },
    nudgePromoter: () => loops.promote.nudge(),
  };
}
