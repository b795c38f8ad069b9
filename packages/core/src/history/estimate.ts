import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { Progress } from '../workloads/contract.ts';
import type { Estimate } from './contract.ts';
import { inWindows, windowsOf } from './job-windows.ts';

const RECENT_MINUTES = 10;
/** Enough for a mean, whatever the checkpoints' rate. */
const RECENT_ROWS = 200;

/** What is known of a running job, before the arithmetic. */
export interface JobState {
  readonly done: number | null;
  readonly total: number;
  readonly keys_scanned: number;
  readonly keys_per_second: number | null;
}

/**
 * Time left: remaining work over the recent rate. When `done` counts something else than keys (rows, per cent), what
 * remains is scaled by the keys one unit took so far. Null without a rate. **Source:** measured work over work stated.
 */
export function estimate(job: JobState, nowMs: number): Estimate {
  const done = job.done ?? job.keys_scanned;
  const remaining = Math.max(0, job.total - done);
  const keysPerUnit = job.done !== null && job.done > 0 && job.keys_scanned > 0 ? job.keys_scanned / job.done : 1;
  const rate = job.keys_per_second;
  const seconds = remaining === 0 ? 0 : rate === null || rate <= 0 ? null : (remaining * keysPerUnit) / rate;
  const at = seconds === null ? Number.NaN : nowMs + seconds * 1000;
  const isTime = at < 253_402_300_800_000;
  return {
    done,
    total: job.total,
    remaining,
    keys_per_second: rate,
    eta_seconds: seconds,
    eta_at: isTime ? new Date(at).toISOString() : null,
  };
}

interface JobRow {
  progress: string | null;
  payload: string;
  keys_scanned: number;
  now_ms: number;
}

function totalIn(payload: string): number | null {
  const value: unknown = JSON.parse(payload);
  if (typeof value !== 'object' || value === null || !('total' in value)) return null;
  return typeof value.total === 'number' && value.total >= 0 ? value.total : null;
}

async function recentRate(ctx: CoreContext, jobId: string): Promise<number | null> {
  const windows = await windowsOf(ctx, jobId);
  const { rows } = await sql<{ rate: number | null }>`
    select sum(keys_scanned::float8) / (nullif(sum(duration_ms::float8), 0) / 1000) as rate from (
      select h.keys_scanned, h.duration_ms
      from worker_history_pack p join worker_history h on h.pack_id = p.id
      where p.last_at > now() - ${`${RECENT_MINUTES} minutes`}::interval and ${inWindows(windows)}
        and h.job_id = ${jobId} and h.keys_scanned is not null and h.duration_ms > 0 and h.finished_at > now() - ${`${RECENT_MINUTES} minutes`}::interval
      order by h.finished_at desc, h.id desc limit ${RECENT_ROWS}) recent`.execute(ctx.database.db);
  return rows[0]?.rate ?? null;
}

/** When a running job will be done; null when it is not running or never said how much there is to do. */
export async function estimateJob(ctx: CoreContext, jobId: string): Promise<Estimate | null> {
  const { rows } = await sql<JobRow>`
    select coalesce(l.progress, w.progress) as progress, w.payload, coalesce(w.keys_scanned, 0) + coalesce(l.keys_scanned, 0) as keys_scanned,
      (extract(epoch from now()) * 1000)::bigint as now_ms
    from workload w left join lease l on l.workload_id = w.id where w.id = ${jobId} and w.status = 'running'`.execute(ctx.database.db);
  const [row] = rows;
  if (row === undefined) return null;
  const progress = row.progress === null ? {} : (Progress.safeParse(JSON.parse(row.progress)).data ?? {});
  const total = progress.total ?? totalIn(row.payload);
  if (total === null) return null;
  const keysPerSecond = await recentRate(ctx, jobId);
  return estimate({ done: progress.done ?? null, total, keys_scanned: row.keys_scanned, keys_per_second: keysPerSecond }, row.now_ms);
}
