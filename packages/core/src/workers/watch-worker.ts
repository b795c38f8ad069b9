import { sql } from 'kysely';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { WorkerDirectives } from './contract.ts';

async function readDirectives(ctx: CoreContext, workerId: string): Promise<WorkerDirectives> {
  const { rows } = await sql<{ drain: boolean; cancel: string[] }>`
    select w.drain_requested or w.quarantined as drain,
      array(select l.workload_id from lease l where l.worker_id = w.id and l.cancel_requested_at is not null order by l.workload_id) as cancel
    from worker w where w.id = ${workerId}`.execute(ctx.database.db);
  const [row] = rows;
  if (row === undefined) throw notFound('worker', workerId);
  return { type: 'worker.directives', worker_id: workerId, drain: row.drain, cancel: row.cancel };
}

/**
 * Tells a worker at once what its next heartbeat would: first how it stands, then again at every change. A hint, not a
 * record: what is lost here the heartbeat carries. Ends when `signal` aborts.
 * @throws {AppError} NOT_FOUND at the first step, and when the worker is forgotten meanwhile.
 */
export async function* watchWorker(ctx: CoreContext, input: { id: string }, signal: AbortSignal): AsyncGenerator<WorkerDirectives, void> {
  let news = Promise.withResolvers<void>();
  const raise = (): void => news.resolve();
  const stopListening = ctx.hub.listen(`worker:${input.id}`, raise);
  signal.addEventListener('abort', raise, { once: true });
  try {
    let told = '';
    while (!signal.aborted) {
      // Renewed before the read, so that a change during it is seen.
      news = Promise.withResolvers<void>();
      const directives = await readDirectives(ctx, input.id);
      const text = JSON.stringify(directives);
      if (text !== told) {
        told = text;
        yield directives;
      }
      if (!signal.aborted) await news.promise;
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', raise);
  }
}
