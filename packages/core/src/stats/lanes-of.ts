import type { CoreContext } from '../ports/index.ts';

/** The lanes a filter on kind and queue means; all of them without a filter. */
export function lanesOf(ctx: CoreContext, filter: { kind?: string | undefined; queue?: string | undefined }): number[] {
  return ctx.lanes
    .all()
    .filter(
      (lane) => (filter.kind === undefined || lane.kind === filter.kind) && (filter.queue === undefined || lane.queue === filter.queue),
    )
    .map((lane) => lane.id);
}
