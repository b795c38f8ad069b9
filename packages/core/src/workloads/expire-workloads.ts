import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CoreContext } from '../ports/index.ts';
import type { StatusReason } from './contract.ts';
import { lockWorkload } from './lock-workload.ts';
import { moveWorkload } from './move-workload.ts';

const BATCH = 200;

/** A start deadline is kept by the first start, whatever comes after it. */
/** Pending, in the words of the indexes of deadlines. */
export const IS_WAITING = sql`status_reason in ('queued', 'scheduled', 'retry_backoff', 'released', 'lease_expired', 'held')`;
const IS_PAST_START = sql`start_deadline_at < now() and started_at is null and ${IS_WAITING}`;
const IS_PAST_DEADLINE = sql`deadline_at < now() and ${IS_WAITING}`;
const IS_PAST_TIMEOUT = sql`status_reason = 'external' and started_at + timeout_ms * interval '1 ms' < now()`;

interface Due {
  id: string;
  reason: StatusReason;
  by: 'start_deadline' | 'deadline' | 'timeout';
  error: string;
}

/** Workloads without a lease whose time is up: not started in time, past their total deadline, or executed elsewhere for too long. */
async function findDue(ctx: CoreContext): Promise<Due[]> {
  const { rows } = await sql<{ id: string; why: 'start' | 'total' | 'external' }>`
    (select id, 'start' as why from workload where ${IS_PAST_START} limit ${BATCH})
    union all
    (select id, 'total' from workload where ${IS_PAST_DEADLINE} limit ${BATCH})
    union all
    (select id, 'external' from workload where ${IS_PAST_TIMEOUT} limit ${BATCH})
  `.execute(ctx.database.db);
  return rows.map((row): Due => {
    if (row.why === 'start')
      return { id: row.id, reason: 'expired', by: 'start_deadline', error: 'It did not start before its start deadline.' };
    if (row.why === 'total') return { id: row.id, reason: 'timeout', by: 'deadline', error: 'Its total deadline passed while it waited.' };
    return { id: row.id, reason: 'timeout', by: 'timeout', error: 'It was executed elsewhere for longer than timeout_ms.' };
  });
}

/** Whether its time is up as the locked row has it: a retry or an update may have come between. */
async function isStillDue(tx: Transaction<Database>, due: Due): Promise<boolean> {
  const isDue = { start_deadline: IS_PAST_START, deadline: IS_PAST_DEADLINE, timeout: IS_PAST_TIMEOUT }[due.by];
  const { rows } = await sql`select from workload where id = ${due.id} and ${isDue}`.execute(tx);
  return rows.length > 0;
}

/** Fails what no agent holds and whose time is up. Answers how many it failed. */
export async function expireWorkloads(ctx: CoreContext): Promise<number> {
  let expired = 0;
  for (const due of await findDue(ctx)) {
    const isMoved = await ctx.database.db.transaction().execute(async (tx) => {
      const { row, lease } = await lockWorkload(tx, due.id);
      if (lease !== undefined || !(await isStillDue(tx, due))) return false;
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
