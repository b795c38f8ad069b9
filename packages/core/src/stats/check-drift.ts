import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

export interface Drift {
  readonly lane_id: number;
  readonly column: string;
  readonly counted: number;
  readonly true_count: number;
}

const COLUMNS = ['pending', 'running', 'completed', 'failed', 'cancelled', 'duration_ms_sum', 'duration_count'] as const;
type Sums = { lane_id: number } & Record<(typeof COLUMNS)[number], number>;

/**
 * Compares the counters with a true count in one snapshot and repairs what differs. They never should: a difference is a bug,
 * so it is logged and answered. Reads the whole table; the engine runs it rarely.
 */
export async function checkDrift(ctx: CoreContext): Promise<Drift[]> {
  const drifts = await ctx.database.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const { rows: counted } = await sql<Sums>`
        select lane_id, sum(pending)::bigint as pending, sum(running)::bigint as running, sum(completed)::bigint as completed,
          sum(failed)::bigint as failed, sum(cancelled)::bigint as cancelled, sum(duration_ms_sum)::bigint as duration_ms_sum,
          sum(duration_count)::bigint as duration_count from counter group by lane_id`.execute(tx);
      const { rows: truth } = await sql<Sums>`
        select lane_id, count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'running') as running,
          count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed,
          count(*) filter (where status = 'cancelled') as cancelled,
          coalesce(sum(duration_ms) filter (where status = 'completed'), 0)::bigint as duration_ms_sum,
          count(duration_ms) filter (where status = 'completed') as duration_count
        from workload group by lane_id`.execute(tx);
      const lanes = new Set([...counted, ...truth].map((row) => row.lane_id));
      return [...lanes].flatMap((lane) => {
        const have = counted.find((row) => row.lane_id === lane);
        const real = truth.find((row) => row.lane_id === lane);
        return COLUMNS.filter((column) => (have?.[column] ?? 0) !== (real?.[column] ?? 0)).map((column): Drift => ({
          lane_id: lane,
          column,
          counted: have?.[column] ?? 0,
          true_count: real?.[column] ?? 0,
        }));
      });
    });
  for (const drift of drifts) {
    const difference = drift.true_count - drift.counted;
    const column = sql.ref(drift.column);
    await sql`insert into counter (slot, lane_id, ${column}) values (-1, ${drift.lane_id}, ${difference})
      on conflict (slot, lane_id) do update set ${column} = counter.${column} + excluded.${column}`.execute(ctx.database.db);
    ctx.log.error({ ...drift }, 'a counter differed from the true count and was repaired');
  }
  return drifts;
}
