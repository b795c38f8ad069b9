import { ACCESS_TOPIC } from '../access/index.ts';
import { DELIVERIES_TOPIC, dispatchDeliveries, nextDeliveryMs, remindOutages } from '../alerts/index.ts';
import { pruneHistory } from '../history/index.ts';
import type { EventHub } from '../events/index.ts';
import { nextDueMs, scheduleRuns } from '../monitors/index.ts';
import { runOperations } from '../operations/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { runRetention } from '../retention/index.ts';
import { adoptMonitors, pruneRuns, recordRuns, SCHEDULE_TOPIC } from '../runs/index.ts';
import { foldFailures, pruneFailures } from '../failures/index.ts';
import { checkDrift, foldStatistics } from '../stats/index.ts';
import { nextWakeMs, promoteDue } from '../workloads/index.ts';
import { QUEUE_TOPIC } from '../publications/index.ts';
import { Loop } from './loop.ts';
import { MissedNews } from './missed-news.ts';
import { createPublishingLoops, hearOfPublishing, type PublishingFigures } from './publishing-loops.ts';
import { THRESHOLDS_TOPIC } from '../thresholds/index.ts';
import { sweep, SWEEP_MS } from './sweep.ts';

const MAX_SLEEP_MS = 60_000;
const MAINTAIN_MS = 60_000;
/** Statistics over time follow the log by this much; a read of them catches up first. */
const FOLD_DELAY_MS = 1000;
const DRIFT_CHECK_MS = 3_600_000;
const RETENTION_MS = 3_600_000;
/** Wake-ups only hint; this often missed ones are looked for when other servers share the database. */
const SAFETY_POLL_MS = 5000;
/** Not every change that concerns a parked agent is an event: this often each looks for itself. */
const PARKED_POLL_MS = 30_000;
/** Loops that wake for these look for themselves from time to time. */
const POLLED_TOPICS: ReadonlySet<string> = new Set([
  ACCESS_TOPIC,
  DELIVERIES_TOPIC,
  QUEUE_TOPIC,
  SCHEDULE_TOPIC,
  THRESHOLDS_TOPIC,
  'kinds',
  'operations',
]);
/** Ends of workloads that come together are recorded together. */
const RECORD_DELAY_MS = 50;
const RECORD_POLL_MS = 30_000;
/** The store of the history was out of reach. */
const RECORD_RETRY_MS = 1000;

/** The work of the engine that nobody asks for: keeping time, folding, cleaning. */
export interface Background {
  start(): void;
  stop(): Promise<void>;
  /** Something now waits for a time that may be sooner than the one known. */
  nudgePromoter(): void;
  readonly figures: Readonly<PublishingFigures>;
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

function createLoops(ctx: CoreContext, figures: PublishingFigures) {
  const { log, database } = ctx;
  return {
    ...createPublishingLoops(ctx, figures),
    sweep: new Loop('sweep', log, async () => {
      await sweep(ctx);
      return SWEEP_MS;
    }),
    promote: new Loop('promote', log, async () => {
      await promoteDue(ctx);
      return Math.min(MAX_SLEEP_MS, (await nextWakeMs(ctx)) ?? MAX_SLEEP_MS);
    }),
    fold: new Loop('fold statistics and failures', log, async () => {
      await foldStatistics(ctx);
      await foldFailures(ctx);
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
      await pruneFailures(ctx);
      await ctx.runs.prune?.();
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
      return (await recordRuns(ctx)) ? RECORD_POLL_MS : RECORD_RETRY_MS;
    }),
    adopt: new Loop('adopt monitors', log, async () => {
      await adoptMonitors(ctx);
      return MAX_SLEEP_MS;
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

/** The net under lost wake-ups: finds what other servers did and nobody here heard of. */
function createSafetyLoop(ctx: CoreContext, hub: EventHub): Loop {
  const missed = new MissedNews();
  let lastWake = ctx.now();
  return new Loop('look for missed news', ctx.log, async () => {
    const moved = await missed.look(
      ctx,
      hub.topics().filter((topic) => !POLLED_TOPICS.has(topic)),
    );
    hub.raise(moved);
    if (moved.includes('workloads') || ctx.now() - lastWake >= PARKED_POLL_MS) {
      ctx.parked.wake('*');
      lastWake = ctx.now();
    }
    return SAFETY_POLL_MS;
  });
}

/** Builds the background work of one server; it does nothing before `start`. */
export function createBackground(ctx: CoreContext, hub: EventHub): Background {
  const figures: PublishingFigures = { publishing_drift_checks_total: 0, publishing_drift_repaired_total: 0 };
  const loops = { ...createLoops(ctx, figures), safety: createSafetyLoop(ctx, hub) };
  const foldSoon = soon(FOLD_DELAY_MS, () => {
    loops.fold.nudge();
    loops.video_jobs.nudge();
  });
  const recordSoon = soon(RECORD_DELAY_MS, () => {
    loops.record.nudge();
    loops.outcomes.nudge();
  });
  ctx.hub.listen(DELIVERIES_TOPIC, () => loops.deliver.nudge());
  ctx.hub.listen(SCHEDULE_TOPIC, () => loops.schedule.nudge());
  ctx.hub.listen('workloads', () => recordSoon.call());
  ctx.hub.listen('operations', () => loops.operations.nudge());
  hearOfPublishing(ctx, loops);
  ctx.hub.listen('workloads', () => foldSoon.call());
  return {
    start() {
      const { maintain, drift, publishing_drift, safety, adopt, ...always } = loops;
      if (ctx.runs.earlier !== null) adopt.start();
      for (const loop of Object.values(always)) loop.start();
      drift.start(DRIFT_CHECK_MS);
      publishing_drift.start(DRIFT_CHECK_MS);
      if (!ctx.database.capabilities.has_autovacuum) maintain.start();
      if (ctx.database.capabilities.is_shared) safety.start();
    },
    async stop() {
      foldSoon.cancel();
      recordSoon.cancel();
      await Promise.all(Object.values(loops).map((loop) => loop.stop()));
    },
    nudgePromoter: () => loops.promote.nudge(),
    figures,
  };
}
