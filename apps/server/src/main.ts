import { AppError } from '@tidemark/core/errors';
import { LoadDemoInput } from '@tidemark/core/demo/contract';
import { createCore, markRestored } from '@tidemark/core/engine';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig, type Config } from './config.ts';
import { createLogger } from './logger.ts';
import { openDatabase } from './open-database.ts';
import { openHistory } from './open-history.ts';
import { prepareDemo, type DemoOrder } from './prepare-demo.ts';
import { startServer, type RunningServer } from './start-server.ts';

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

const OPTIONS = {
  'migrate-only': { type: 'boolean', default: false },
  restored: { type: 'boolean', default: false },
  demo: { type: 'string' },
  'demo-only': { type: 'boolean', default: false },
  'demo-seed': { type: 'string' },
  'demo-days': { type: 'string' },
  'demo-target': { type: 'string' },
  'demo-force': { type: 'boolean', default: false },
} as const;
type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function demoOrder(options: Options): DemoOrder | null {
  if (options.demo === undefined) return null;
  const number = (name: 'seed' | 'days', text: string | undefined): object => (text === undefined ? {} : { [name]: Number(text) });
  const given = { ...number('seed', options['demo-seed']), ...number('days', options['demo-days']) };
  const input = LoadDemoInput.parse({ ...given, target: options['demo-target'] ?? null, force: options['demo-force'] });
  return { action: options.demo === 'remove' ? 'remove' : 'load', input };
}

/** Brings the database up to date and, where asked, fills or empties it; then ends. */
async function prepareOnly(config: Config, demo: DemoOrder | null): Promise<void> {
  const log = createLogger(config);
  await using closing = new AsyncDisposableStack();
  const database = await openDatabase(config, log);
  closing.defer(() => database.close());
  const history = demo === null ? null : await openHistory(config, log);
  closing.defer(() => history?.close());
  const said = demo === null ? 'The database is up to date.' : await prepareDemo(demo, { database, log, history });
  process.stdout.write(`${said}\n`);
}

/** Brings a restored database up to date and cuts it off from what happened after its backup; then ends. */
async function prepareRestored(config: Config): Promise<void> {
  const log = createLogger(config);
  await using closing = new AsyncDisposableStack();
  const database = await openDatabase(config, log);
  closing.defer(() => database.close());
  const core = await createCore({ database, log });
  closing.defer(() => core.stop());
  const { paused_platforms: paused } = await markRestored(core);
  process.stdout.write('The log has a new identity, and no lease of before counts any more.\n');
  if (paused.length > 0)
    process.stdout.write(`Paused, since their open publications may be out already: ${paused.join(', ')}. Look at them, then resume.\n`);
}

/** Stops the server, also one that is still starting, when it is asked to; asked again, at once. */
function stopOnRequest(starting: Promise<RunningServer>): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), FORCED_AFTER_MS).unref();
    starting.then((server) => server.close()).then(() => process.exit(0), fail);
  };
  watchParent(stop);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function fail(error: unknown): never {
  process.stderr.write(`${sentences(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readConfig(process.env, process.stdout.isTTY);
  const { values } = parseArgs({ options: OPTIONS });
  const demo = demoOrder(values);
  if (values.restored) return prepareRestored(config);
  if (values['migrate-only'] || values['demo-only']) return prepareOnly(config, demo);
  // The last resort: a promise that somebody forgot is a bug to read about in the log, not an end of the server for all others.
  const log = createLogger(config);
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'something failed that nobody waited for'));
  // Whoever sees the server ready may stop it at once.
  const starting = startServer(config, demo === null ? { log } : { log, demo });
  stopOnRequest(starting);
  const server = await starting;
  process.stdout.write(`Tidemark listens on ${server.url}\n`);
  if (server.setup_url !== null) {
    process.stdout.write(
      `Nobody has an account yet. Make the first one here (the link works once, for 24 hours):\n  ${server.setup_url}\n`,
    );
  }
}

main().catch(fail);
