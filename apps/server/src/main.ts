import { AppError } from '@tidemark/core/errors';
import { ConfigError, readConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { openDatabase } from './open-database.ts';
import { startServer } from './start-server.ts';

const FORCED_AFTER_MS = 5000;
const PARENT_CHECK_MS = 1000;

/** What to tell a person who starts the server and cannot; a bug keeps its stack. */
function sentences(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.join('\n');
  if (error instanceof AppError) return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Stops when the process that started this one is gone: nothing is left behind a killed `tidemark up`. */
function watchParent(stop: () => void): void {
  const parent = Number(process.env['TIDEMARK_PARENT_PID']);
  if (!Number.isInteger(parent) || parent !== process.ppid) return;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, PARENT_CHECK_MS).unref();
}

async function main(): Promise<void> {
  const config = readConfig(process.env, process.stdout.isTTY);
  if (process.argv.includes('--migrate-only')) {
    await (await openDatabase(config, createLogger(config))).close();
    process.stdout.write('The database is up to date.\n');
    return;
  }
  const server = await startServer(config);
  process.stdout.write(`Tidemark listens on ${server.url}\n`);
  if (server.setup_url !== null) {
    process.stdout.write(
      `Nobody has an account yet. Make the first one here (the link works once, for 24 hours):\n  ${server.setup_url}\n`,
    );
  }
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), FORCED_AFTER_MS).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${sentences(error)}\n`);
        process.exit(1);
      },
    );
  };
  watchParent(stop);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${sentences(error)}\n`);
  process.exit(1);
});
