import type { CoreContext } from '../ports/index.ts';
import type { LeaseRow } from './rows.ts';

/** The open leases of these workloads, by workload. */
export async function leasesOf(ctx: CoreContext, ids: readonly string[]): Promise<Map<string, LeaseRow>> {
  if (ids.length === 0) return new Map();
  const rows = await ctx.database.db
    .selectFrom('lease')
    .selectAll()
    .where('workload_id', 'in', [...ids])
    .execute();
  return new Map(rows.map((row) => [row.workload_id, row]));
}
