import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { LaneLimits } from '../lanes/index.ts';
import type { CoreContext, WorkerCapabilities } from '../ports/index.ts';

/** The worker key that calls; whoever needs none (an administrator, an open server) is null instead. */
export interface WorkerKey extends LaneLimits {
  readonly family: string;
}

/** The key of `tidemark up`, which is made up anew at every start and in no table. */
const FAMILY_OF_START = 'bootstrap-worker';

function otherKey(workerId: string): AppError {
  return new AppError('FORBIDDEN', `Worker ${workerId} belongs to another key. Register a worker of your own.`, {
    data: { reason: 'other_key', worker_id: workerId },
  });
}

/** @throws {AppError} FORBIDDEN naming what the worker takes and the key may not */
export function requireWithin(key: WorkerKey, worker: { readonly queues: readonly string[]; readonly kinds: readonly string[] }): void {
  const queue = key.queues === null ? undefined : worker.queues.find((name) => key.queues?.includes(name) === false);
  const kind = key.kinds === null ? undefined : worker.kinds.find((name) => key.kinds?.includes(name) === false);
  if (queue === undefined && kind === undefined) return;
  const what = queue === undefined ? `of kind ${kind}` : `from the queue ${queue}`;
  throw new AppError('FORBIDDEN', `This key may not take work ${what}.`, {
    data: { reason: 'limits', queues: key.queues, kinds: key.kinds },
  });
}

async function adopt(ctx: CoreContext, workerId: string, family: string): Promise<WorkerCapabilities> {
  await ctx.database.db
    .updateTable('worker')
    .set({ key_family: family })
    .where('id', '=', workerId)
    .where('key_family', 'is', null)
    .execute();
  ctx.roster.forget(workerId);
  ctx.hub.publish([`worker:${workerId}`]);
  return ctx.roster.get(workerId);
}

/**
 * A worker is used by the key it was registered with, and by those that key is rotated into. One that was registered without
 * a key (while the server was open) belongs to the first that uses it.
 * @throws {AppError} FORBIDDEN for another key's worker, and for one that takes more than the key may; NOT_FOUND
 */
export async function requireOwnWorker(ctx: CoreContext, workerId: string, key: WorkerKey | null): Promise<void> {
  if (key === null) return;
  let worker = await ctx.roster.get(workerId);
  if (worker.key_family === null) worker = await adopt(ctx, workerId, key.family);
  if (worker.key_family !== key.family) throw otherKey(workerId);
  requireWithin(key, worker);
}

/**
 * The same for a job that is named without its worker: the one that holds, or held, this epoch of its lease.
 * @throws {AppError} LEASE_STALE when that worker is another key's
 */
export async function requireOwnJob(
  ctx: CoreContext,
  job: { readonly job_id: string; readonly lease_epoch: number },
  key: WorkerKey | null,
): Promise<void> {
  if (key === null) return;
  const { rows } = await sql<{ worker_id: string | null; lease_epoch: number }>`
    select worker_id, lease_epoch from workload where id = ${job.job_id} and lease_epoch = ${job.lease_epoch} and status = 'running'
    union all select worker_id, lease_epoch from tried where workload_id = ${job.job_id} and lease_epoch = ${job.lease_epoch}
    limit 1`.execute(ctx.database.db);
  const holder = rows[0]?.worker_id ?? null;
  if (holder === null) return;
  try {
    await requireOwnWorker(ctx, holder, key);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'FORBIDDEN') throw error;
    throw new AppError(
      'LEASE_STALE',
      `The lease of job ${job.job_id} belongs to a worker of another key. Stop working on it and drop the result.`,
      {
        data: { job_id: job.job_id, reason: 'other_worker', current_epoch: job.lease_epoch },
      },
    );
  }
}

/**
 * Whether a registration may take this id over: it is the key's own or nobody's, or no key of its line is left.
 * @throws {AppError} FORBIDDEN
 */
export async function requireFreeForKey(tx: Transaction<Database>, workerId: string, key: WorkerKey | null): Promise<void> {
  if (key === null) return;
  const row = await tx.selectFrom('worker').select('key_family').where('id', '=', workerId).forUpdate().executeTakeFirst();
  const family = row?.key_family ?? null;
  if (family === null || family === key.family) return;
  const live = await tx
    .selectFrom('api_key')
    .select('id')
    .where('family', '=', family)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`(expires_at is null or expires_at > now())`)
    .limit(1)
    .executeTakeFirst();
  if (live !== undefined || family === FAMILY_OF_START) throw otherKey(workerId);
}
