import { openPglite } from '@tidemark/core/adapters/pglite';
import { openPostgres } from '@tidemark/core/adapters/postgres';
import { migrate } from '@tidemark/core/db';
import type { DatabaseHandle } from '@tidemark/core/ports';
import type { Logger } from 'pino';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** The configured database, on the schema of this code. */
export async function openDatabase(config: Pick<Config, 'database_url' | 'data_dir'>, logger: Logger): Promise<DatabaseHandle> {
  const handle =
    config.database_url === null
      ? await openPglite({ dataDir: join(config.data_dir, 'database'), logger })
      : await openPostgres({ url: config.database_url, logger });
  try {
    const applied = await migrate(handle);
    if (applied.length > 0) logger.info({ migrations: applied }, 'the database is on the schema of this version now');
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
