import { Option, type Command } from 'commander';
import { durationArgument, integerArgument } from '../arguments.ts';
import { usage } from '../failure.ts';
import { runChild } from '../process/run-child.ts';
import type { Cli, Session } from '../session.ts';

interface RunOptions {
  name?: string;
  type?: string;
  slots?: number;
  queues?: string;
  labels?: string;
  handlers?: string;
  stateDir?: string;
  sandbox?: string;
  diskMb?: number;
  grace?: number;
}

const MS_PER_SECOND = 1000;

/** The command that runs an agent; the caller hangs its subcommands on it. */
export function addRun(program: Command, session: Session): Command {
  return program
    .command('worker')
    .description('run a worker, or look at the workers there are')
    .helpCommand(false)
    .allowExcessArguments()
    .usage('[options] | <subcommand>')
    .option('--name <name>', 'name to show (TIDEMARK_WORKER_NAME; default: the name of this machine)')
    .option('--type <type>', 'type of worker, for statistics (default: "agent")')
    .option('--slots <number>', 'jobs it runs at once (default: twice the processors, at least 4)', integerArgument)
    .option('--queues <names>', 'queues it takes from, separated by commas (default: "default,monitors")')
    .option('--labels <name=value,...>', 'labels it carries, separated by commas')
    .option('--handlers <file>', 'module that exports defineHandlers({ … }) for kinds of your own')
    .option('--state-dir <folder>', 'its identity and unreported outcomes (default: DATA_DIR/worker)')
    .addOption(new Option('--sandbox <mode>', 'bubblewrap around commands (default: auto)').choices(['auto', 'off', 'required']))
    .option('--disk-mb <number>', 'the most a command may store in its work folder (default: 4096)', integerArgument)
    .option('--grace <duration>', 'how long running jobs may go on when it is stopped (default: 20s)', durationArgument)
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark worker --url http://control.internal:3000 --slots 8
  $ tidemark worker --queues default,nightly --handlers ./handlers.ts
  $ tidemark worker list

The first Ctrl-C lets running jobs finish for a while, the second hands them back at once.`,
    )
    .action(session.action<RunOptions>(run));
}

async function run(cli: Cli, call: { args: readonly string[]; options: RunOptions }): Promise<number> {
  const stray = call.args[0];
  if (stray !== undefined)
    throw usage('<subcommand>', `worker has no "${stray}"; see "tidemark worker --help" for its subcommands and options.`);
  const { stateDir, diskMb, grace, ...named } = call.options;
  const settings = { ...named, 'state-dir': stateDir, 'disk-mb': diskMb, grace: grace === undefined ? undefined : grace / MS_PER_SECOND };
  const args = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  const key = cli.key === undefined ? {} : { TIDEMARK_KEY: cli.key };
  return runChild('worker', { args: ['--url', cli.url, ...args], env: key, output: 'stdout' });
}
