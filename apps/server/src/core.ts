import { createCore } from '@tidemark/core/engine';
import type { DatabaseHandle } from '@tidemark/core/ports';
import type { Logger } from 'pino';

export type Core = Awaited<ReturnType<typeof createCore>>;

/** The engine on a database, its background loops running. */
export async function openCore(database: DatabaseHandle, log: Logger): Promise<Core> {
  const core = await createCore({ database, log });
  await core.start();
  return core;
}
