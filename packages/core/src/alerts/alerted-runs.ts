import type { CoreContext } from '../ports/index.ts';

/**
 * Tells of failed runs whether a notice of their outage reached a channel: derived from the ledger, never written.
 * `times` are the starts of the runs asked about.
 */
export async function alertedRuns(ctx: CoreContext, testId: string, times: readonly string[]): Promise<(startedAt: string) => boolean> {
  const [first] = times.toSorted();
  if (first === undefined) return () => false;
  const outages = await ctx.database.db
    .selectFrom('outage')
    .select(['opened_at', 'resolved_at'])
    .where('test_id', '=', testId)
    .where((where) => where.or([where('resolved_at', 'is', null), where('resolved_at', '>=', first)]))
    .where((where) =>
      where.exists(
        where
          .selectFrom('delivery')
          .select('delivery.id')
          .whereRef('delivery.outage_id', '=', 'outage.id')
          .where('delivery.status', '=', 'delivered'),
      ),
    )
    .execute();
  return (startedAt) => outages.some(({ opened_at: from, resolved_at: to }) => from <= startedAt && (to === null || startedAt < to));
}
