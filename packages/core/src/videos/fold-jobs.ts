import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { foldLog, type PlacedItem } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { CounterDelta, type CountKey } from '../publishing/index.ts';
import { countedStatus, statusAfter, type JobEvent } from './job-events.ts';

interface JobRow {
  workload_id: string;
  platform_key: CountKey;
  status: string | null;
}

/** The last status that the page tells of each workload. */
function lastStatuses(placed: readonly PlacedItem[]): Map<string, string | null> {
  const last = new Map<string, string | null>();
  for (const { item } of placed) {
    const event = item as JobEvent;
    const status = statusAfter(event);
    if (event.id !== undefined && status !== undefined) last.set(event.id, status);
  }
  return last;
}

async function moveJobs(tx: Transaction<Database>, last: ReadonlyMap<string, string | null>): Promise<void> {
  const { rows: jobs } = await sql<JobRow>`select workload_id, platform_key, status from video_job
    where workload_id = any(${[...last.keys()]}::text[]) order by workload_id for update`.execute(tx);
  if (jobs.length === 0) return;
  const counters = new CounterDelta();
  for (const job of jobs) {
    const status = last.get(job.workload_id) ?? null;
    if (job.status !== null) counters.add(job.platform_key, countedStatus(job.status), -1);
    if (status !== null) counters.add(job.platform_key, countedStatus(status), 1);
  }
  const gone = jobs.filter((job) => last.get(job.workload_id) === null).map((job) => job.workload_id);
  await sql`delete from video_job where workload_id = any(${gone}::text[])`.execute(tx);
  await sql`update video_job j set status = i.status
    from unnest(${jobs.map((job) => job.workload_id)}::text[], ${jobs.map((job) => last.get(job.workload_id) ?? null)}::text[]) as i(id, status)
    where j.workload_id = i.id`.execute(tx);
  await counters.save(tx);
}

/**
 * Brings the counters of video jobs up to the log of the workloads, each event exactly once. Reads are exact without it: they add what
 * it has not folded yet. Several servers may call it; they take turns.
 */
export function foldVideoJobs(ctx: CoreContext): Promise<void> {
  return foldLog(ctx, 'video_jobs', {
    apply: (tx, placed) => moveJobs(tx, lastStatuses(placed)),
    isEmpty: async (tx) => (await tx.selectFrom('video_job').select('workload_id').limit(1).executeTakeFirst()) === undefined,
  });
}
