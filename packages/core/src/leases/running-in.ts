/**
 * The open leases (`l`, with their concurrency_key) in an array of lanes. A limited queue's own claims make lease rows; grants that
 * name such a lane are looked into for what was claimed before it had a limit.
 */
export function runningIn(lanes: string): string {
  return `(
  select concurrency_key from lease where lane_id = any(${lanes}::int[])
  union all
  select w.concurrency_key from lease_grant g cross join lateral unnest(g.workload_ids, g.epochs) as r(id, epoch)
  join workload w on w.id = r.id and w.lease_epoch = r.epoch
  where g.lanes && ${lanes}::int[] and w.lane_id = any(${lanes}::int[]) and w.status = 'running' and w.status_reason = 'leased' and not w.has_lease
) l`;
}
