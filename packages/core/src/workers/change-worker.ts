import { appendEvent } from '../events/index.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Worker, WorkerActionInput } from './contract.ts';
import { getWorker } from './list-workers.ts';

interface Change {
  readonly set: { drain_requested?: boolean; quarantined?: boolean; draining?: boolean };
  readonly event: string;
}

/** Changes what a person decides about a worker; asking for what is so already changes nothing and writes no event. */
async function changeWorker(ctx: CoreContext, input: WorkerActionInput, change: Change): Promise<Worker> {
  const hasChanged = await ctx.database.db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('worker')
      .select(['id', 'name', 'drain_requested', 'quarantined', 'draining'])
      .where('id', '=', input.id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw notFound('worker', input.id);
    const { drain_requested = row.drain_requested, quarantined = row.quarantined, draining = row.draining } = change.set;
    if (drain_requested === row.drain_requested && quarantined === row.quarantined && draining === row.draining) return false;
    await tx.updateTable('worker').set({ drain_requested, quarantined, draining }).where('id', '=', input.id).execute();
    await appendEvent(tx, 'workers', [{ type: change.event, id: row.id, name: row.name }]);
    return true;
  });
  if (hasChanged) {
    ctx.roster.forget(input.id);
    ctx.hub.publish(['workers', `worker:${input.id}`]);
  }
  return getWorker(ctx, input);
}

/** Asks a worker to finish what it holds and take nothing new. Idempotent. @throws {AppError} NOT_FOUND */
export function drainWorker(ctx: CoreContext, input: WorkerActionInput): Promise<Worker> {
  return changeWorker(ctx, input, { set: { drain_requested: true }, event: 'worker.drain_requested' });
}

/**
 * Takes a drain back. An agent that drains on its own account says so again with its next heartbeat. Idempotent.
 * @throws {AppError} NOT_FOUND
 */
export function resumeWorker(ctx: CoreContext, input: WorkerActionInput): Promise<Worker> {
  return changeWorker(ctx, input, { set: { drain_requested: false, draining: false }, event: 'worker.resumed' });
}

/** Gives a worker no job any more, also after it registers again; its leases stay. Idempotent. @throws {AppError} NOT_FOUND */
export function quarantineWorker(ctx: CoreContext, input: WorkerActionInput): Promise<Worker> {
  return changeWorker(ctx, input, { set: { quarantined: true }, event: 'worker.quarantined' });
}

/** Ends a quarantine. Idempotent. @throws {AppError} NOT_FOUND */
export function unquarantineWorker(ctx: CoreContext, input: WorkerActionInput): Promise<Worker> {
  return changeWorker(ctx, input, { set: { quarantined: false, draining: false }, event: 'worker.unquarantined' });
}
