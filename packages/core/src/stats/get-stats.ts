import { sql } from 'kysely';
import { invalid } from '../errors.ts';
import { idFloor } from '../ids.ts';
import type { CoreContext, Statement } from '../ports/index.ts';
import type { Stats, StatsInput } from './contract.ts';
import { foldStatistics } from './fold-statistics.ts';
import { lanesOf } from './lanes-of.ts';

interface Sums {
  isolation: string;
  pending: number;
  running: number;
  completed: number;
  failed: number;
  cancelled: number;
  duration_ms_sum: number;
  duration_count: number;
}

const MINUTE_MS = 60_000;
/** Ids carry the server's clock, rows the database's: a range of ids is widened by this much, then checked exactly. */
const CLOCK_MARGIN_MS = 60_000;
const SUMS = sql`sum(pending)::bigint as pending, sum(running)::bigint as running, sum(completed)::bigint as completed, sum(failed)::bigint as failed,
  sum(cancelled)::bigint as cancelled, sum(duration_ms_sum)::bigint as duration_ms_sum, sum(duration_count)::bigint as duration_count`;

/** The counters summed per isolation: reads a few dozen rows, whatever the table of workloads holds. $1 kind, $2 queue, or null. */
const COUNTERS: Statement = {
  name: 'read_counters',
  text: `
select l.isolation, sum(c.pending)::bigint as pending, sum(c.running)::bigint as running, sum(c.completed)::bigint as completed,
  sum(c.failed)::bigint as failed, sum(c.cancelled)::bigint as cancelled, sum(c.duration_ms_sum)::bigint as duration_ms_sum,
  sum(c.duration_count)::bigint as duration_count
from counter c join lane l on l.id = c.lane_id
where ($1::text is null or l.kind = $1) and ($2::text is null or l.queue = $2)
group by l.isolation`,
};

/** Workloads created in a part of a minute, counted where they are: ids bound the range. */
async function readEdge(ctx: CoreContext, lanes: readonly number[], { from, to }: { from: number; to: number }): Promise<Sums[]> {
  if (from >= to) return [];
  const { rows } = await sql<Sums>`
    select l.isolation, count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'running') as running,
      count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed,
      count(*) filter (where status = 'cancelled') as cancelled,
      coalesce(sum(duration_ms) filter (where status = 'completed'), 0)::bigint as duration_ms_sum,
      count(duration_ms) filter (where status = 'completed') as duration_count
 from workload w join lane l on l.id = w.lane_id
    where w.lane_id = any(${lanes}::int[]) and w.id >= ${idFloor('wl', from - CLOCK_MARGIN_MS)} and w.id < ${idFloor('wl', to + CLOCK_MARGIN_MS)}
      and created_at >= ${new Date(from).toISOString()} and created_at < ${new Date(to).toISOString()}
    group by l.isolation`.execute(ctx.database.db);
  return rows;
}

/** Workloads created in a window, by their status now: whole minutes from the projection, the two edges counted. */
async function readWindow(ctx: CoreContext, input: StatsInput): Promise<Sums[]> {
  const from = input.from === undefined ? 0 : Date.parse(input.from);
  const to = input.to === undefined ? Math.ceil((ctx.now() + CLOCK_MARGIN_MS) / MINUTE_MS) * MINUTE_MS : Date.parse(input.to);
  if (from >= to) throw invalid('from', 'must lie before to');
  const first = Math.ceil(from / MINUTE_MS) * MINUTE_MS;
  const last = Math.floor(to / MINUTE_MS) * MINUTE_MS;
  const lanes = lanesOf(ctx, input);
  if (first >= last) return readEdge(ctx, lanes, { from, to });
  await foldStatistics(ctx);
  const [whole, head, tail] = await Promise.all([
    sql<Sums>`select l.isolation, ${SUMS} from stat_created s join lane l on l.id = s.lane_id
      where s.lane_id = any(${lanes}::int[]) and created_minute >= ${new Date(first).toISOString()} and created_minute < ${new Date(last).toISOString()}
      group by l.isolation`.execute(ctx.database.db),
    readEdge(ctx, lanes, { from, to: first }),
    readEdge(ctx, lanes, { from: last, to }),
  ]);
  return [...whole.rows, ...head, ...tail];
}

/**
 * Aggregate execution statistics (GetWorkloadStats), exact at any moment: the counters change in the statement of the transition.
 * With `from` and `to`, of the workloads created in that window, by their status now.
 * **Source:** requirements 000 and 001.
 */
export async function getStats(ctx: CoreContext, input: StatsInput): Promise<Stats> {
  const isWindow = input.from !== undefined || input.to !== undefined;
  const rows = isWindow
    ? await readWindow(ctx, input)
    : await ctx.database.reader.run<Sums>(COUNTERS, [input.kind ?? null, input.queue ?? null]);
  const stats: Stats = {
    total: 0,
    by_status: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
    by_isolation: { process: 0, isolate: 0, gvisor: 0, microvm: 0 },
    avg_duration_ms: 0,
  };
  let durationSum = 0;
  let durationCount = 0;
  for (const row of rows) {
    const total = row.pending + row.running + row.completed + row.failed + row.cancelled;
    stats.total += total;
    stats.by_isolation[row.isolation as keyof Stats['by_isolation']] += total;
    for (const status of ['pending', 'running', 'completed', 'failed', 'cancelled'] as const) stats.by_status[status] += row[status];
    durationSum += row.duration_ms_sum;
    durationCount += row.duration_count;
  }
  stats.avg_duration_ms = durationCount === 0 ? 0 : Math.floor(durationSum / durationCount + 0.5);
  return stats;
}
