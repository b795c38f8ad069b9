import type { Command } from 'commander';
import { EXIT } from '../exit-code.ts';
import type { Cli, Session } from '../session.ts';
import { runChild } from './run-child.ts';

interface MigrateOptions {
  restored?: boolean;
  dataDir?: string;
}

export function addMigrate(program: Command, session: Session): void {
  program
    .command('migrate')
    .description('bring the database up to date and end; the server also does this when it starts')
    .option('--data-dir <folder>', 'embedded database and local state (DATA_DIR; default: ./data)')
    .option('--restored', 'the database was restored from a backup: what happened after it does not count any more')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark migrate
  $ DATABASE_URL=postgres://tidemark@db/tidemark tidemark migrate
  $ tidemark migrate --restored

The embedded database belongs to one process: stop the server first. PostgreSQL may be in use,
but not with --restored: it is for after a restore and before the first start.`,
    )
    .action(session.action<MigrateOptions>(migrate));
}

/** The server's own way of doing it and nothing else: no port is opened. */
async function migrate(cli: Cli, call: { options: MigrateOptions }): Promise<number> {
  const dataDir = call.options.dataDir === undefined ? {} : { DATA_DIR: call.options.dataDir };
  const isRestored = call.options.restored === true;
  const quiet = { LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn' };
  const exitCode = await runChild('server', {
    args: [isRestored ? '--restored' : '--migrate-only'],
    env: { ...quiet, ...dataDir },
    output: 'stderr',
  });
  if (exitCode === EXIT.ok && cli.isJson) await cli.terminal.json({ migrated: true, ...(isRestored ? { restored: true } : {}) });
  return exitCode;
}
