import type { CoreContext } from '../ports/index.ts';
import { pruneBuckets, QUEUE_TOPIC, recordOutcomes, runQueue } from '../publications/index.ts';
import { checkPublishingDrift } from '../publishing/index.ts';
import { checkThresholds, THRESHOLDS_TOPIC } from '../thresholds/index.ts';
import { foldVideoJobs } from '../videos/index.ts';
import { Loop } from './loop.ts';

const OUTCOME_POLL_MS = 30_000;
const FOLD_POLL_MS = 60_000;
const THRESHOLD_MS = 5000;
/** While there is none: one that another server made is heard of. */
const NO_THRESHOLD_MS = 60_000;
const DRIFT_CHECK_MS = 3_600_000;
const PRUNE_MS = 3_600_000;

/** What the drift check found since the start. */
export interface PublishingFigures {
  publishing_drift_checks_total: number;
  publishing_drift_repaired_total: number;
}

/** The background work of publishing: the tick of its queue, the outcomes of its workloads, the counters of video jobs. */
export function createPublishingLoops(ctx: CoreContext, figures: PublishingFigures) {
  return {
    publish: new Loop('publish', ctx.log, () => runQueue(ctx)),
    outcomes: new Loop('record publications', ctx.log, async () => {
      await recordOutcomes(ctx);
      return OUTCOME_POLL_MS;
    }),
    video_jobs: new Loop('fold video jobs', ctx.log, async () => {
      await foldVideoJobs(ctx);
      return FOLD_POLL_MS;
    }),
    thresholds: new Loop('check publishing thresholds', ctx.log, async () => {
      return (await checkThresholds(ctx)) ? THRESHOLD_MS : NO_THRESHOLD_MS;
    }),
    publishing_drift: new Loop('check drift of publishing', ctx.log, async () => {
      figures.publishing_drift_repaired_total += (await checkPublishingDrift(ctx)).length;
      figures.publishing_drift_checks_total += 1;
      return DRIFT_CHECK_MS;
    }),
    publication_buckets: new Loop('prune publication buckets', ctx.log, async () => {
      await pruneBuckets(ctx);
      return PRUNE_MS;
    }),
  };
}

/** Looks at the queue when it may have work, instead of waiting for the next poll. */
export function hearOfPublishing(ctx: CoreContext, loops: ReturnType<typeof createPublishingLoops>): void {
  ctx.hub.listen(THRESHOLDS_TOPIC, () => loops.thresholds.nudge());
  ctx.hub.listen(QUEUE_TOPIC, () => loops.publish.nudge());
}
