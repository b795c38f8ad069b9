import { createCore } from '@tidemark/core/engine';
import type { Core } from '@tidemark/core/engine';
import type { DatabaseHandle } from '@tidemark/core/ports';
import type { Logger } from 'pino';

export type { Core } from '@tidemark/core/engine';

/** The engine on a database, its background loops running. */
export async function openCore(database: DatabaseHandle, log: Logger): Promise<Core> {
  const core = await createCore({ database, log });
  core.start();
  return core;
}
