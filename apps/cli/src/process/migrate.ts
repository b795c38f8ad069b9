import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { runChild } from './run-child.ts';

interface MigrateOptions {
  dataDir?: string;
}

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
    .action(
      session.action<MigrateOptions>((_cli, call) => {
        const { dataDir } = call.options;
        return runChild('server', { args: ['--migrate-only'], env: dataDir === undefined ? {} : { DATA_DIR: dataDir }, output: 'stdout' });
      }),
    );
}
