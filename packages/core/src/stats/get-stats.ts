import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { Stats, StatsInput } from './contract.ts';

interface LaneSums {
  lane_id: number;
  pending: number;
  running: number;
  completed: number;
  failed: number;
  cancelled: number;
  duration_ms_sum: number;
  duration_count: number;
}

/** The counters summed per lane: a few dozen rows, whatever the table of workloads holds. */
const SUMS = sql<LaneSums>`
  select lane_id, sum(pending)::bigint as pending, sum(running)::bigint as running, sum(completed)::bigint as completed, sum(failed)::bigint as failed,
    sum(cancelled)::bigint as cancelled, sum(duration_ms_sum)::bigint as duration_ms_sum, sum(duration_count)::bigint as duration_count
  from counter group by lane_id`;

function empty(): Stats {
  return {
    total: 0,
    by_status: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
    by_isolation: { process: 0, isolate: 0, gvisor: 0, microvm: 0 },
    avg_duration_ms: 0,
  };
}

/**
 * Aggregate execution statistics (GetWorkloadStats), exact at any moment: the counters change in the statement of the transition.
 * **Source:** requirements 000 and 001.
 */
export async function getStats(ctx: CoreContext, input: StatsInput): Promise<Stats> {
  const { rows } = await SUMS.execute(ctx.database.db);
  const stats = empty();
  let durationSum = 0;
  let durationCount = 0;
  for (const row of rows) {
    const lane = await ctx.lanes.get(row.lane_id);
    if (input.kind !== undefined && lane.kind !== input.kind) continue;
    if (input.queue !== undefined && lane.queue !== input.queue) continue;
    const total = row.pending + row.running + row.completed + row.failed + row.cancelled;
    stats.total += total;
    stats.by_isolation[lane.isolation as keyof Stats['by_isolation']] += total;
    for (const status of ['pending', 'running', 'completed', 'failed', 'cancelled'] as const) stats.by_status[status] += row[status];
    durationSum += row.duration_ms_sum;
    durationCount += row.duration_count;
  }
  stats.avg_duration_ms = durationCount === 0 ? 0 : Math.floor(durationSum / durationCount + 0.5);
  return stats;
}
