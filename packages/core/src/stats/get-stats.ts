import { sql } from 'kysely';
import { invalid } from '../errors.ts';
import { idFloor } from '../ids.ts';
import type { CoreContext, Statement } from '../ports/index.ts';
import { ISOLATIONS } from '../workloads/contract.ts';
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

/**
 * The counters summed per group of lanes: a few dozen rows, whatever the table of workloads holds. $1 maps a lane's id to its group, so that
 * no join is needed: twice as fast on a table this small. Doubles add faster than the numerics that sums of bigint are, and exactly below 2^53.
 */
const COUNTERS: Statement = {
  name: 'read_counters',
  text: `
select ($1::int[])[lane_id] as lane_group, sum(pending::float8) as pending, sum(running::float8) as running, sum(completed::float8) as completed,
  sum(failed::float8) as failed, sum(cancelled::float8) as cancelled, sum(duration_ms_sum::float8) as duration_ms_sum,
  sum(duration_count::float8) as duration_count
from counter
group by 1`,
};

type LaneSums = Omit<Sums, 'isolation'> & { lane_group: number | null };

/** Groups of the lanes a filter means: the place of its isolation, counted from 1; 0 for the others, null for ids unknown here. */
function laneGroups(ctx: CoreContext, input: StatsInput): (number | null)[] {
  const wanted = new Set(lanesOf(ctx, input));
  const groups: number[] = [];
  for (const lane of ctx.lanes.all())
    groups[lane.id - 1] = wanted.has(lane.id) ? ISOLATIONS.findIndex((isolation) => isolation === lane.isolation) + 1 : 0;
  return Array.from(groups, (group) => group ?? null);
}

/** Counts of now. A lane made since the groups were written down is unknown to them: then all lanes are read, and the counts again. */
async function readCounters(ctx: CoreContext, input: StatsInput): Promise<Sums[]> {
  const read = (): Promise<LaneSums[]> => ctx.database.reader.run<LaneSums>(COUNTERS, [laneGroups(ctx, input)]);
  let { version } = ctx.lanes;
  let rows = await read();
  while (rows.some(({ lane_group: group }) => group === null)) {
    // This server may have made the lane itself while it read.
    if (ctx.lanes.version === version) await ctx.lanes.refresh();
    if (ctx.lanes.version === version) throw new Error('unreachable: a counter points at a lane that does not exist');
    ({ version } = ctx.lanes);
    rows = await read();
  }
  return rows.flatMap(({ lane_group: group, ...sums }) => {
    const isolation = ISOLATIONS[(group ?? 0) - 1];
    return isolation === undefined ? [] : [{ isolation, ...sums }];
  });
}

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
  const rows = isWindow ? await readWindow(ctx, input) : await readCounters(ctx, input);
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
