import { sql } from 'kysely';
import { appendEvent } from '../events/index.ts';
import { AppError, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { HEARTBEAT_MS, type ForgetWorkerOutput, type WorkerActionInput } from './contract.ts';
import { LATE_BEATS } from './liveness.ts';
import { endSession } from './sessions.ts';

/**
 * Removes a worker that is stopped or lost from the registry; its sessions and history stay. Forgetting it again changes nothing.
 * @throws {AppError} NOT_FOUND for one that never was, CONFLICT for one that is alive.
 */
export async function forgetWorker(ctx: CoreContext, input: WorkerActionInput): Promise<ForgetWorkerOutput> {
  const lostAfter = `${LATE_BEATS * HEARTBEAT_MS} ms`;
  const isGone = await ctx.database.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('worker')
      .select(['id', 'name', sql<boolean>`stopped_at is null and last_heartbeat_at >= now() - ${lostAfter}::interval`.as('is_alive')])
      .where('id', '=', input.id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) {
      const session = await tx.selectFrom('worker_session').select('session').where('worker_id', '=', input.id).limit(1).executeTakeFirst();
      if (session === undefined) throw notFound('worker', input.id);
      return false;
    }
    if (row.is_alive) {
      throw new AppError('CONFLICT', `Worker "${row.name}" is alive. Stop it first, or quarantine it to keep jobs away from it.`, {
        data: { worker_id: row.id },
      });
    }
    await endSession(tx, row.id, 'forgotten');
    await tx.deleteFrom('worker').where('id', '=', row.id).execute();
    await tx.deleteFrom('worker_flag').where('worker_id', '=', row.id).execute();
    await appendEvent(tx, 'workers', [{ type: 'worker.forgotten', id: row.id, name: row.name }]);
    return true;
  });
  if (isGone) ctx.hub.publish(['workers', `worker:${input.id}`]);
  return { id: input.id, forgotten: true };
}
