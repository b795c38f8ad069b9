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
  const early = new AbortController();
  const stopEarly = (): void => early.abort();
  process.on('SIGTERM', stopEarly).on('SIGINT', stopEarly);
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
    stateDir: config.state_dir,
    dataDir: config.data_dir,
  };
  const worker = await startWorker(options, early.signal);
  process.off('SIGTERM', stopEarly).off('SIGINT', stopEarly);
  if (early.signal.aborted) return worker.stop(0);
  await new Promise<void>((resolve, reject) => {
    let isStopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isStopping) return worker.release();
      isStopping = true;
      log.info({ signal, running: worker.running_count, grace_seconds: config.grace }, 'draining');
      worker.stop(config.grace * MS_PER_SECOND).then(resolve, reject);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
  log.info('stopped');
}
