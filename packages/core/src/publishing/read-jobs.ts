import { sql, type RawBuilder } from 'kysely';
import { ofPlatform, type Window } from './window.ts';

/** Whether the log holds what the counters of jobs do not: then they alone are not exact. */
export const JOBS_UNREAD = `((select s.position > p.position from stream s, projection p where s.name = 'workloads' and p.name = 'video_jobs')
  and exists (select from video_job))`;

/**
 * Rows (platform_key, status, count) of video jobs, exact at this moment. Without a window: the counters, and what the log holds
 * beyond them. `from_status` of an event is the status it left, as the projection would take it.
 */
export function jobCounts(window: Window): RawBuilder<unknown> {
  if (!window.isOpen) {
    return sql`select j.platform_key, w.status, count(*)::bigint as count from video_job j join workload w on w.id = j.workload_id
      where ${window.within('j.created_at')} and ${ofPlatform(window, 'j.platform_key')} group by 1, 2`;
  }
  return sql`
    select platform_key, status, sum(count)::bigint as count from (
      select c.platform_key, s.status, s.count from publishing_counter c cross join lateral (values
        ('pending', c.jobs_pending), ('running', c.jobs_running), ('completed', c.jobs_completed), ('failed', c.jobs_failed),
        ('cancelled', c.jobs_cancelled)) as s(status, count)
      union all
      select t.platform_key, m.status, m.count from (
        select distinct on (j.workload_id) j.workload_id, j.platform_key, j.status as before, e.type, e.status as after
        from workload_move e join video_job j on j.workload_id = e.id
        where e.position > (select position from projection where name = 'video_jobs')
          and e.type in ('workload.created', 'workload.started', 'workload.completed', 'workload.failed', 'workload.cancelled',
            'workload.requeued', 'workload.retried', 'workload.deleted')
        order by j.workload_id, e.position desc, e.nth desc, e.place desc
      ) t cross join lateral (values (t.before, -1), (case when t.type = 'workload.deleted' then null else t.after end, 1)) as m(status, count)
      where m.status is not null
    ) all_jobs where ${ofPlatform(window)} group by 1, 2`;
}
