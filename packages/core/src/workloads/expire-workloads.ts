import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { StatusReason } from './contract.ts';
import { lockWorkload } from './lock-workload.ts';
import { moveWorkload } from './move-workload.ts';
import type { Trigger } from './transitions.ts';

const BATCH = 200;

interface Due {
  id: string;
  reason: StatusReason;
  by: Trigger;
  error: string;
}

/** Workloads without a lease whose time is up: not started in time, past their total deadline, or executed elsewhere for too long. */
async function findDue(ctx: CoreContext): Promise<Due[]> {
  const { rows } = await sql<{ id: string; why: 'start' | 'total' | 'external' }>`
    (select id, 'start' as why from workload where start_deadline_at is not null and status = 'pending' and start_deadline_at < now() limit ${BATCH})
    union all
    (select id, 'total' from workload where deadline_at is not null and finished_at is null and deadline_at < now() and status = 'pending' limit ${BATCH})
    union all
    (select id, 'external' from workload where status_reason = 'external' and started_at + timeout_ms * interval '1 ms' < now() limit ${BATCH})
  `.execute(ctx.database.db);
  return rows.map((row): Due => {
    if (row.why === 'start') return { id: row.id, reason: 'expired', by: 'start_deadline', error: 'It did not start before its start deadline.' };
    if (row.why === 'total') return { id: row.id, reason: 'timeout', by: 'deadline', error: 'Its total deadline passed while it waited.' };
    return { id: row.id, reason: 'timeout', by: 'timeout', error: 'It was executed elsewhere for longer than timeout_ms.' };
  });
}

/** Fails what no agent holds and whose time is up. Answers how many it failed. */
export async function expireWorkloads(ctx: CoreContext): Promise<number> {
  let expired = 0;
  for (const due of await findDue(ctx)) {
    const isMoved = await ctx.database.db.transaction().execute(async (tx) => {
      const { row, lease } = await lockWorkload(tx, due.id);
      const isStillDue = lease === undefined && row.finished_at === null && (due.by === 'timeout' ? row.status_reason === 'external' : row.status === 'pending');
      if (!isStillDue) return false;
      const lane = await ctx.lanes.get(row.lane_id);
      await moveWorkload(tx, { row, lease, lane, to: 'failed', reason: due.reason, by: due.by, set: { error: due.error } });
      return true;
    });
    if (isMoved) {
      expired += 1;
      ctx.hub.publish(['workloads', due.id]);
    }
  }
  return expired;
}
