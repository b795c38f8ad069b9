import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { WorkerRate } from './contract.ts';

/** How far back the recent rate of a worker looks, in whole minutes. */
export const RATE_MINUTES = 5;
/** A worker below this part of its type's median is slow; it is again as fast as the others above the second. */
const SLOW_RATIO = 0.5;
const RECOVERED_RATIO = 0.6;
/** A median of one says nothing about it. */
const MIN_PEERS = 2;

/** A recent rate with what it is compared to. */
export interface RateRow {
  readonly worker_id: string;
  readonly name: string;
  readonly worker_type: string;
  readonly keys_per_second: number;
  readonly type_median_keys_per_second: number;
  readonly peer_count: number;
}

/** Whether the rate is under half of its type's median; one that was slow must pass 60 % to be rid of the mark. */
export function isSlow(rate: Pick<RateRow, 'keys_per_second' | 'type_median_keys_per_second' | 'peer_count'>, wasSlow: boolean): boolean {
  if (rate.peer_count < MIN_PEERS) return false;
  return rate.keys_per_second < rate.type_median_keys_per_second * (wasSlow ? RECOVERED_RATIO : SLOW_RATIO);
}

/** The recent rate of every registered worker that reported keys, with the median of its type. */
export async function readRates(ctx: CoreContext): Promise<RateRow[]> {
  const { rows } = await sql<RateRow>`
    with rate as (
      select w.id as worker_id, w.name, w.worker_type, sum(b.rated_keys) / (sum(b.busy_ms) / 1000) as keys_per_second
      from throughput_bucket b join worker w on w.id = b.key
      where b.scope = 'worker' and b.grain = 'minute' and b.bucket_at > now() - ${`${RATE_MINUTES} minutes`}::interval
      group by w.id, w.name, w.worker_type having sum(b.busy_ms) > 0
    ), median as (
      select worker_type, percentile_cont(0.5) within group (order by keys_per_second) as type_median_keys_per_second, count(*)::int as peer_count
      from rate group by worker_type
    )
    select rate.*, median.type_median_keys_per_second, median.peer_count from rate join median using (worker_type) order by rate.worker_id`.execute(
    ctx.database.db,
  );
  return rows;
}

/** The same as it is shown. */
export function toWorkerRate(row: RateRow): WorkerRate {
  return {
    worker_id: row.worker_id,
    name: row.name,
    worker_type: row.worker_type,
    keys_per_second: row.keys_per_second,
    type_median_keys_per_second: row.type_median_keys_per_second,
    is_slow: isSlow(row, false),
  };
}
