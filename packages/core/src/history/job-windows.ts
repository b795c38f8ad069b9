import { sql, type RawBuilder } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

/** When a worker held the lease of a job: only packs of that worker and time can hold reports on it. */
export interface JobWindow {
  readonly worker_id: string | null;
  readonly from: string;
  /** Null while the lease is open. */
  readonly to: string | null;
}

/** The windows of a job, from its attempts and its open lease; none when the job was removed. */
export async function windowsOf(ctx: CoreContext, jobId: string): Promise<JobWindow[]> {
  const { rows } = await sql<JobWindow>`
    select worker_id, started_at as "from", finished_at as "to" from tried where workload_id = ${jobId}
    union all select w.worker_id, coalesce(l.granted_at, w.started_at), null
      from workload w left join lease l on l.workload_id = w.id where w.id = ${jobId} and w.status = 'running'`.execute(ctx.database.db);
  return rows;
}

/** Of the packs `p`, those that may hold a report on the job; for a job that was removed each must be looked into. */
export function inWindows(windows: readonly JobWindow[]): RawBuilder<unknown> {
  const parts = windows
    .filter((window) => window.worker_id !== null)
    .map(
      ({ worker_id, from, to }) =>
        sql`(p.worker_id = ${worker_id} and p.last_at >= ${from}::timestamptz ${to === null ? sql`` : sql`and p.first_at <= ${to}::timestamptz`})`,
    );
  return parts.length === 0 ? sql`true` : sql`(${sql.join(parts, sql` or `)})`;
}
