import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { appendEvent } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';

const BATCH = 500;
export type FinalStatus = 'completed' | 'failed' | 'cancelled';

interface Removed {
  id: string;
  lane_id: number;
  status: string;
  created_ms: number;
  duration_ms: number | null;
}

async function discount(tx: Transaction<Database>, removed: readonly Removed[], status: FinalStatus): Promise<void> {
  const lanes = new Map<number, { count: number; sum: number; durations: number }>();
  for (const row of removed) {
    const known = lanes.get(row.lane_id) ?? { count: 0, sum: 0, durations: 0 };
    known.count += 1;
    if (status === 'completed' && row.duration_ms !== null) {
      known.sum += row.duration_ms;
      known.durations += 1;
    }
    lanes.set(row.lane_id, known);
  }
  const column = sql.ref(status);
  for (const [lane, { count, sum, durations }] of [...lanes].sort(([left], [right]) => left - right)) {
    await sql`insert into counter (slot, lane_id, ${column}, duration_ms_sum, duration_count) values (-1, ${lane}, ${-count}, ${-sum}, ${-durations})
      on conflict (slot, lane_id) do update set ${column} = counter.${column} + excluded.${column},
        duration_ms_sum = counter.duration_ms_sum + excluded.duration_ms_sum, duration_count = counter.duration_count + excluded.duration_count`.execute(
      tx,
    );
  }
}

/** Removes up to a batch with everything that hangs on it, and keeps the counters true. Answers the last id it looked at. */
async function removeBatch(
  ctx: CoreContext,
  at: { status: FinalStatus; condition: RawBuilder<boolean>; after: string },
): Promise<Removed[]> {
  return ctx.database.db.transaction().execute(async (tx) => {
    const { rows: removed } = await sql<Removed>`
      delete from workload where id in (
        select id from workload where ${at.condition} and id > ${at.after} order by id limit ${BATCH} for update skip locked)
      returning id, lane_id, status, floor(extract(epoch from created_at) * 1000)::bigint as created_ms, duration_ms`.execute(tx);
    if (removed.length === 0) return removed;
    const ids = removed.map((row) => row.id);
    await tx.deleteFrom('attempt').where('workload_id', 'in', ids).execute();
    await tx.deleteFrom('event').where('stream', 'in', ids).execute();
    await discount(tx, removed, at.status);
    await appendEvent(
      tx,
      'workloads',
      removed.map((row) => ({
        type: 'workload.deleted',
        id: row.id,
        lane: row.lane_id,
        from: row.status,
        created_ms: row.created_ms,
        ...(row.duration_ms === null ? {} : { duration_ms: row.duration_ms }),
      })),
    );
    return removed;
  });
}

/** Removes the workloads of a final status that meet a condition on their columns, in small batches. Answers how many went. */
export async function removeWorkloads(ctx: CoreContext, status: FinalStatus, condition: RawBuilder<boolean>): Promise<number> {
  let count = 0;
  let after = '';
  for (;;) {
    const removed = await removeBatch(ctx, { status, condition, after });
    count += removed.length;
    after = removed.reduce((last, row) => (row.id > last ? row.id : last), after);
    if (removed.length > 0) ctx.hub.publish(['workloads']);
    if (removed.length < BATCH) return count;
  }
}
