import type { Command } from 'commander';
import { EXIT } from '../exit-code.ts';
import type { Cli, Session } from '../session.ts';
import { Child } from './child.ts';
import { listenAddress } from './listen-address.ts';
import { waitUntilReady } from './ready.ts';
import { StopRequests } from './stop-requests.ts';

interface MigrateOptions {
  dataDir?: string;
}

const STOP_GRACE_MS = 15_000;

export function addMigrate(program: Command, session: Session): void {
  program
    .command('migrate')
    .description('bring the database up to date and end; the server also does this when it starts')
    .option('--data-dir <folder>', 'embedded database and local state (DATA_DIR; default: ./data)')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark migrate
  $ DATABASE_URL=postgres://tidemark@db/tidemark tidemark migrate

The embedded database belongs to one process: stop the server first. PostgreSQL may be in use.`,
    )
    .action(session.action<MigrateOptions>(migrate));
}

/** A server migrates before it is ready: one on a private port is started, and stopped when it says so. */
async function migrate(cli: Cli, call: { options: MigrateOptions }): Promise<number> {
  const address = await listenAddress({ PORT: '0' });
  const dataDir = call.options.dataDir === undefined ? {} : { DATA_DIR: call.options.dataDir };
  const quiet = { LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn' };
  const server = new Child('server', {
    env: { ...quiet, ...dataDir, HOST: '127.0.0.1', PORT: String(address.port) },
    output: 'stderr',
  });
  using scope = new DisposableStack();
  scope.use(new StopRequests(() => server.signal('SIGTERM')));
  const ended = new AbortController();
  void server.ended.then(() => ended.abort());
  const isReady = await waitUntilReady(address.url, ended.signal).then(
    () => true,
    () => false,
  );
  const end = isReady ? await server.stop(STOP_GRACE_MS) : await server.ended;
  if (!isReady || end.exitCode !== EXIT.ok) return end.exitCode === EXIT.ok ? EXIT.failed : end.exitCode;
  if (cli.isJson) await cli.terminal.json({ migrated: true });
  else await cli.terminal.message('The database is up to date.');
  return EXIT.ok;
}
