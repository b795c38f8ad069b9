import { runUntilSignal } from '@tidemark/sdk/agent';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';
import { loadHandlers } from './executors/handlers/load-handlers.ts';
import { startWorker } from './start-worker.ts';

const MS_PER_SECOND = 1000;

function createLog(env: Readonly<Record<string, string | undefined>>): Logger {
  const level = env['LOG_LEVEL'] || 'info';
  const isPretty = (env['LOG_FORMAT'] || (process.stderr.isTTY ? 'pretty' : 'json')) === 'pretty';
  const base = { level, base: { app: 'worker' } };
  return isPretty
    ? pino(base, pretty({ destination: 2, sync: true, ignore: 'pid,hostname,app' }))
    : pino(base, pino.destination({ dest: 2, sync: true }));
}

/** Runs a worker until SIGTERM or SIGINT, which drains it; a second one hands back at once what is running. */
export async function runWorker(config: Config): Promise<void> {
  const log = createLog(process.env);
  const handlers = config.handlers === undefined ? {} : await loadHandlers(config.handlers);
  const { url, key, name, type, slots, queues, labels, sandbox } = config;
  // A promise that a handler forgot must not take every other job with it.
  if (config.handlers !== undefined)
    process.on('unhandledRejection', (error) => log.error({ err: error }, 'a handler left a rejected promise behind'));
  const options = {
    url,
    key,
    name,
    type,
    slots,
    queues,
    labels,
    sandbox,
    handlers,
    log,
    diskMb: config.disk_mb,
    stateDir: config.state_dir,
    dataDir: config.data_dir,
  };
  await runUntilSignal((signal) => startWorker(options, signal), { log, graceMs: config.grace * MS_PER_SECOND });
}
