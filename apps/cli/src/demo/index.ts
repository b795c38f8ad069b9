import type { Command } from 'commander';
import { Child } from '../process/child.ts';
import { addServerOptions, serverEnv, type ServerOptions } from '../process/server-options.ts';
import { StopRequests } from '../process/stop-requests.ts';
import { up } from '../process/up.ts';
import type { Cli, Session } from '../session.ts';
import { addDemoOptions, demoArgs, type DemoOptions } from './options.ts';

interface Options extends ServerOptions, DemoOptions {
  live: boolean;
  remove?: boolean;
}

export function addDemo(program: Command, session: Session): void {
  const command = program.command('demo').description('start the server with 30 days of demo data and live traffic; Ctrl-C stops it');
  addDemoOptions(addServerOptions(command))
    .option('--no-live', 'load the data and end, without live traffic')
    .option('--remove', 'remove the demo data and end')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark demo --data-dir ./demo
  $ tidemark demo --no-live --data-dir ./demo
  $ tidemark demo --remove --data-dir ./demo

Data is loaded once; a later start goes on with what is there. A database that is not empty is left alone unless --force is
given. The embedded database belongs to one process: stop the server before --no-live and --remove.`,
    )
    .action(session.action<Options>(demo));
}

async function demo(cli: Cli, call: { options: Options }): Promise<number> {
  const { options } = call;
  if (options.live && options.remove !== true) return up(cli, { options: { ...options, worker: true, demo: true } });
  const args = options.remove === true ? ['--demo', 'remove'] : demoArgs(options, null);
  const env = { LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn', ...serverEnv(options) };
  const server = new Child('server', { args: [...args, '--demo-only'], env, output: cli.isJson ? 'stderr' : 'stdout' });
  using scope = new DisposableStack();
  scope.use(new StopRequests(() => server.signal('SIGTERM')));
  const { exitCode } = await server.ended;
  if (cli.isJson && exitCode === 0) await cli.terminal.json(options.remove === true ? { removed: true } : { loaded: true });
  return exitCode;
}
