import type { CoreContext, HistoryEntry } from '../ports/index.ts';
import type { ReportItem } from './contract.ts';

/** Who held the lease of an accepted report, and when it was accepted. */
export interface Acceptance {
  readonly worker_id: string | null;
  readonly accepted_at: string | null;
  readonly is_repeat?: boolean;
}

type Measured = Extract<ReportItem, { op: HistoryEntry['event'] }>;

function isMeasured(item: ReportItem): item is Measured {
  return item.op === 'checkpoint' || item.op === 'complete' || item.op === 'fail';
}

/** Hands an accepted report to the history; repeats, refusals, releases and output leave no row. */
export function recordHistory(ctx: CoreContext, item: ReportItem, acceptance: Acceptance | null): void {
  if (acceptance === null || acceptance.is_repeat === true || !isMeasured(item)) return;
  if (acceptance.worker_id === null || acceptance.accepted_at === null) return;
  ctx.history.record({
    worker_id: acceptance.worker_id,
    job_id: item.job_id,
    event: item.op,
    keys_scanned: item.keys_scanned ?? null,
    duration_ms: item.duration_ms ?? null,
    started_at: item.started_at ?? null,
    accepted_at: acceptance.accepted_at,
  });
}
