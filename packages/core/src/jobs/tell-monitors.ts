import type { CoreContext } from '../ports/index.ts';
import { readStepEvents } from '../runs/index.ts';
import type { ReportItem } from './contract.ts';

/**
 * Hands the step events in accepted output to the live views of monitors. Repeated chunks are handed on, too: the first time the
 * server may have gone away in between, and the store knows what it has.
 */
export async function tellMonitors(
  ctx: CoreContext,
  items: readonly ReportItem[],
  outcomes: readonly PromiseSettledResult<unknown>[],
): Promise<void> {
  const chunks = items.flatMap((item, index) => {
    if (item.op !== 'output' || item.stream !== 'log' || outcomes[index]?.status !== 'fulfilled') return [];
    const events = readStepEvents(item.text);
    return events.length === 0 ? [] : [{ workload_id: item.job_id, epoch: item.lease_epoch, seq: item.seq, events }];
  });
  if (chunks.length > 0) await ctx.runs.events.append(chunks);
}
