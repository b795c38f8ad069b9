import { openPglite } from '@tidemark/core/adapters/pglite';
import { openPostgres } from '@tidemark/core/adapters/postgres';
import { RedisWake } from '@tidemark/core/adapters/redis';
import { migrate } from '@tidemark/core/db';
import { AppError } from '@tidemark/core/errors';
import type { DatabaseHandle } from '@tidemark/core/ports';
import type { Logger } from 'pino';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** The same database, whose servers wake each other through Redis. @throws when Redis does not answer. */
async function wakeThroughRedis(handle: DatabaseHandle, { url, logger }: { url: string; logger: Logger }): Promise<DatabaseHandle> {
  const wake = new RedisWake(url, logger);
  try {
    await wake.connect();
  } catch (error) {
    wake.close();
    throw new AppError('UNAVAILABLE', 'Redis does not answer at REDIS_URL. Start it, or unset REDIS_URL: it is optional.', {
      cause: error,
    });
  }
  const close = async (): Promise<void> => {
    wake.close();
    await handle.close();
  };
  return { ...handle, wake, close };
}

/** The configured database, on the schema of this code. */
export async function openDatabase(
  config: Pick<Config, 'database_url' | 'data_dir' | 'redis_url'>,
  logger: Logger,
): Promise<DatabaseHandle> {
  const handle =
    config.database_url === null
      ? await openPglite({ dataDir: join(config.data_dir, 'database'), logger })
      : await openPostgres({ url: config.database_url, logger });
  try {
    const applied = await migrate(handle);
    if (applied.length > 0) logger.info({ migrations: applied }, 'the database is on the schema of this version now');
    return config.redis_url === null ? handle : await wakeThroughRedis(handle, { url: config.redis_url, logger });
  } catch (error) {
    await handle.close();
    throw error;
  }
}
