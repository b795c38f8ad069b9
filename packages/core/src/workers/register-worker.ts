import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { appendEvent } from '../events/index.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { announceKinds, recordKindSchemas } from '../kinds/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { HEARTBEAT_MS, LEASE_MS, type RegisterWorkerInput, type RegisterWorkerOutput } from './contract.ts';
import { LATE_BEATS } from './liveness.ts';
import { requireFreeForKey, requireWithin, type WorkerKey } from './require-own-worker.ts';
import { endSession, lastSession, openSession } from './sessions.ts';

/** Advisory lock class of worker names; any constant will do as long as every server uses the same. */
const NAME_LOCK_CLASS = 1_953_064_038;

/** @throws {AppError} CONFLICT when another living worker has the name */
async function requireFreeName(tx: Transaction<Database>, id: string, name: string): Promise<void> {
  const lostAfter = `${LATE_BEATS * HEARTBEAT_MS} ms`;
  // Two that come with one name at the same moment: the second waits here and then sees the first.
  await sql`select pg_advisory_xact_lock(${NAME_LOCK_CLASS}::int, hashtext(${name}))`.execute(tx);
  const rival = await tx
    .selectFrom('worker')
    .select('id')
    .where('name', '=', name)
    .where('id', '!=', id)
    .where('stopped_at', 'is', null)
    .where(sql<boolean>`last_heartbeat_at > now() - ${lostAfter}::interval`)
    .executeTakeFirst();
  if (rival !== undefined) {
    throw new AppError('CONFLICT', `name: another living worker is called "${name}"; give this one its own name.`, {
      issues: [{ path: 'name', message: 'is taken by a living worker' }],
      data: { worker_id: rival.id },
    });
  }
}

/**
 * Registers a worker, or lets one come back under its id with a new session.
 * It belongs to the worker key it registers with.
 * @throws {AppError} CONFLICT when another living worker has the name, FORBIDDEN when the id is another key's.
 */
export async function registerWorker(
  ctx: CoreContext,
  input: RegisterWorkerInput,
  key: WorkerKey | null = null,
): Promise<RegisterWorkerOutput> {
  if (key !== null) requireWithin(key, input);
  const id = input.worker_id ?? newId('wk', ctx.now());
  const answer = await ctx.database.db.transaction().execute(async (tx) => {
    await requireFreeName(tx, id, input.name);
    await tx.selectFrom('worker').select('id').where('id', '=', id).forUpdate().execute();
    await requireFreeForKey(tx, id, key);
    await endSession(tx, id, 'replaced');
    const session = (await lastSession(tx, id)) + 1;
    const values = {
      session,
      name: input.name,
      worker_type: input.worker_type,
      version: input.version,
      host: input.host ?? null,
      isolations: input.isolations,
      kinds: input.kinds,
      queues: input.queues,
      slots: input.slots,
      labels: JSON.stringify(input.labels),
      draining: false,
      stopped_at: null,
      clock_skew_ms: null,
      ...(key === null ? {} : { key_family: key.family }),
    };
    const row = await tx
      .insertInto('worker')
      .values({ id, ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...values, registered_at: sql`now()`, last_heartbeat_at: sql`now()` }))
      .returning(['id', 'session', sql<string>`now()`.as('server_time')])
      .executeTakeFirstOrThrow();
    await openSession(tx, id);
    await recordKindSchemas(tx, { worker_id: id, schemas: input.schemas ?? {} });
    await appendEvent(tx, 'workers', [
      { type: 'worker.registered', id: row.id, name: input.name, worker_type: input.worker_type, session: row.session },
    ]);
    return row;
  });
  ctx.roster.forget(id);
  ctx.hub.publish(['workers', `worker:${id}`]);
  if (input.schemas !== undefined) announceKinds(ctx);
  return { worker_id: answer.id, lease_ms: LEASE_MS, heartbeat_ms: HEARTBEAT_MS, server_time: answer.server_time };
}
