import { sql } from 'kysely';
import type { DatabaseHandle } from '@tidemark/core/ports';
import { differs } from '../tally.ts';

interface Found {
  workloads: number;
  completed: number;
  attempts: number;
  leases: number;
  events: number;
  wrong_counters: number;
}

/** The counters per lane against the table they count. */
const WRONG_COUNTERS = sql`
  select count(*) from (
    select lane_id, sum(pending) as pending, sum(running) as running, sum(completed) as completed, sum(failed) as failed, sum(cancelled) as cancelled
    from counter group by lane_id
  ) c full join (
    select lane_id, count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'running') as running,
      count(*) filter (where status = 'completed') as completed, count(*) filter (where status = 'failed') as failed,
      count(*) filter (where status = 'cancelled') as cancelled
    from workload group by lane_id
  ) w using (lane_id)
  where (c.pending, c.running, c.completed, c.failed, c.cancelled) is distinct from (w.pending, w.running, w.completed, w.failed, w.cancelled)`;

/** What a subject promised, read back from its tables. */
export interface Expected {
  readonly created: number;
  readonly completed: number;
  /** Events of the `workloads` log: one per creation, start and end. */
  readonly events: number;
  readonly has_counters?: boolean;
}

/** Exact delivery, counters equal to the rows they count, and a log without a gap. */
export async function verify(database: DatabaseHandle, expected: Expected): Promise<string[]> {
  const { rows } = await sql<Found>`
    select (select count(*) from workload) as workloads,
      (select count(*) from workload where status = 'completed') as completed,
      (select count(*) from tried where outcome = 'completed') as attempts,
      (select count(*) from open_lease) as leases,
      (select coalesce(sum(item_count), 0) from event where stream = 'workloads') as events,
      (${WRONG_COUNTERS}) as wrong_counters`.execute(database.db);
  const [found] = rows;
  if (found === undefined) return ['the tables could not be read'];
  return [
    ...differs('workloads', found.workloads, expected.created),
    ...differs('completed workloads', found.completed, expected.completed),
    ...differs('completed attempts', found.attempts, expected.completed),
    ...differs('open leases', found.leases, 0),
    ...differs('events', found.events, expected.events),
    ...(expected.has_counters === false ? [] : differs('lanes with wrong counters', found.wrong_counters, 0)),
  ];
}
