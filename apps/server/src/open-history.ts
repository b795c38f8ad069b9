import { RedisConnection, RedisHistoryStore } from '@tidemark/core/adapters/redis';
import type { CoreOptions } from '@tidemark/core/engine';
import type { Logger } from 'pino';
import type { Config } from './config.ts';

const WITHOUT_AOF =
  'HISTORY_STORE=redis, but this Redis keeps no append-only file: a restart of Redis loses recorded runs. Set "appendonly yes" in its configuration.';

/** The Redis that keeps the history of monitors; null when the database does. @throws when it does not answer. */
export async function openHistory(config: Pick<Config, 'history_store' | 'redis_url'>, log: Logger): Promise<RedisConnection | null> {
  if (config.history_store === 'sql' || config.redis_url === null) return null;
  const redis = await RedisConnection.open(config.redis_url, log);
  const isKept = await redis.isAppendOnly();
  const where = { is_cluster: redis.is_cluster };
  if (isKept === false) log.warn(where, WITHOUT_AOF);
  else log.info(where, 'the history of monitors is kept in Redis, which must have its append-only file on (appendonly yes)');
  return redis;
}

/** The option of a core that keeps the history of monitors there; none for the database. */
export function historyIn(history: RedisConnection | null): Pick<CoreOptions, 'runs'> {
  return history === null ? {} : { runs: (context, rules) => new RedisHistoryStore(history, { context, rules }) };
}
