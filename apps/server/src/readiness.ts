import { jsonAnswer, refusalAnswer } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import type { CoreContext } from '@tidemark/core/ports';

const PING_MS = 2000;
const EMBEDDED_NOTE = 'The embedded database survives a killed process, but not a power cut. Set DATABASE_URL for data that must.';

/** Whether this server can do its work now, and on what. Migrations are done before it listens. */
export async function readiness(core: CoreContext, draining: AbortSignal): Promise<Response> {
  const { capabilities } = core.database;
  if (draining.aborted) return refusalAnswer(new AppError('UNAVAILABLE', 'The server is stopping.', { data: { retry_after_seconds: 2 } }));
  try {
    await core.database.ping(PING_MS);
  } catch {
    return refusalAnswer(
      new AppError('UNAVAILABLE', 'The database does not answer.', { data: { database: capabilities.engine, retry_after_seconds: 2 } }),
    );
  }
  return jsonAnswer(200, {
    status: 'ready',
    database: { engine: capabilities.engine, is_power_loss_safe: capabilities.is_power_loss_safe, migrations: 'current' },
    notes: capabilities.engine === 'pglite' ? [EMBEDDED_NOTE] : [],
  });
}
