import { createNoticeSender } from '@tidemark/core/adapters/delivery';
import type { RedisConnection } from '@tidemark/core/adapters/redis';
import { egressPolicy } from '@tidemark/core/egress';
import { createCore } from '@tidemark/core/engine';
import type { Core } from '@tidemark/core/engine';
import type { DatabaseHandle } from '@tidemark/core/ports';
import type { Logger } from 'pino';
import { isLoopback } from './config.ts';
import type { Config } from './config.ts';
import { historyIn } from './open-history.ts';
import { readSecretKeys } from './secret-keys.ts';

export type { Core } from '@tidemark/core/engine';

export interface CoreParts {
  readonly database: DatabaseHandle;
  readonly log: Logger;
  /** Where the history of monitors lives; null for the database. */
  readonly history: RedisConnection | null;
}

/** The engine on a database, its background loops running. */
export async function openCore(config: Config, { database, log, history }: CoreParts): Promise<Core> {
  const core = await createCore({
    database,
    log,
    ...historyIn(history),
    egress: { allow: config.egress_allow, is_local: isLoopback(config.host) && config.auth !== 'required' && config.admin_key === null },
    secretKeys: await readSecretKeys(config),
    notices: (context) => createNoticeSender({ policy: () => egressPolicy(context()), now: () => context().now() }),
  });
  core.start();
  return core;
}
