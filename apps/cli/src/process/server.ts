import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { runChild } from './run-child.ts';
import { addServerOptions, serverEnv, type ServerOptions } from './server-options.ts';

export function addServer(program: Command, session: Session): void {
  addServerOptions(program.command('server').description('run the server alone, without a worker'))
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark server
  $ tidemark server --port 8080 --data-dir ./tidemark-data
  $ DATABASE_URL=postgres://tidemark@db/tidemark tidemark server

Everything else is set by environment variables; see docs/operate.md.`,
    )
    .action(session.action<ServerOptions>((_cli, call) => runChild('server', { env: serverEnv(call.options), output: 'stdout' })));
}
