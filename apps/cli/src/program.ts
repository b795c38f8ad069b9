import { Command, CommanderError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { urlArgument } from './arguments.ts';
import { addDemo } from './demo/index.ts';
import { addAudit } from './audit/index.ts';
import { addDoctor } from './doctor/index.ts';
import { EXIT } from './exit-code.ts';
import { CommandError, describeFailure, toCommandError } from './failure.ts';
import { addKeys } from './keys/index.ts';
import { addMonitor } from './monitor/index.ts';
import { addMigrate } from './process/migrate.ts';
import { addPublication } from './publication/index.ts';
import { addSecret } from './secret/index.ts';
import { addServer } from './process/server.ts';
import { addUp } from './process/up.ts';
import { Session } from './session.ts';
import { addStats } from './stats.ts';
import { Terminal, type Io } from './terminal.ts';
import { addTransfer } from './transfer/index.ts';
import { addUsers } from './users/index.ts';
import { addWorker } from './worker/index.ts';
import { addWorkload } from './workload/index.ts';

const DEFAULT_URL = 'http://127.0.0.1:3000';
const HELP_WIDTH = 110;

/** The whole command tree; parsing it with arguments runs the command named there. */
export function buildProgram(session: Session): Command {
  const program = new Command('tidemark');
  program
    .description('Runs work and shows what happened to it.')
    .version(packageJson.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addOption(new Option('--url <url>', 'where the server is').env('TIDEMARK_URL').default(DEFAULT_URL).argParser(urlArgument))
    .addOption(new Option('--key <key>', 'API key to show to the server').env('TIDEMARK_KEY'))
    .option('--json', "print the API's JSON instead of text; errors too")
    .configureHelp({ showGlobalOptions: true, helpWidth: HELP_WIDTH })
    .configureOutput({
      writeOut: (text) => void session.io.stdout.write(text),
      writeErr: (text) => void session.io.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    })
    .showSuggestionAfterError(true)
    .exitOverride();
  for (const add of [
    addUp,
    addServer,
    addWorker,
    addMigrate,
    addDemo,
    addDoctor,
    addStats,
    addWorkload,
    addMonitor,
    addPublication,
    addTransfer,
    addKeys,
    addSecret,
    addUsers,
    addAudit,
  ])
    add(program, session);
  program.addHelpText('after', ROOT_HELP);
  return program;
}

const ROOT_HELP = `
Examples:
  $ tidemark up                                       start the server and one worker
  $ tidemark demo --data-dir ./demo                   the same with 30 days of demo data and live traffic
  $ tidemark workload submit --wait -- echo hello     run a command and see its output
  $ tidemark workload list --status failed            what went wrong lately

Every command has its own --help with examples.`;

/** Runs one command line and answers its exit code; failures are told on stderr and never thrown. */
export async function runCommandLine(args: readonly string[], io: Io): Promise<number> {
  const session = new Session(io);
  const program = buildProgram(session);
  try {
    await program.parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    const globals = program.opts<{ url: string; json?: boolean }>();
    const failure = error instanceof CommanderError ? usageError(error) : toCommandError(error, globals.url);
    await report(failure, { terminal: new Terminal(io), isJson: globals.json === true });
    return failure.exitCode;
  }
}

function usageError(error: CommanderError): CommandError {
  const message = error.message.replace(/^error: /, '');
  const option = /'(?:-\w, )?(--?[\w-]+)[^']*'/.exec(message)?.[1];
  const argument = /argument '([\w-]+)'/.exec(message)?.[1];
  const path = option ?? (argument === undefined ? null : `<${argument}>`);
  const sentence = asSentence(message);
  const hint = error.code === 'commander.unknownOption' ? ' See --help; options of a command to run go after "--".' : '';
  const issues = path === null ? {} : { issues: [{ path, message: sentence }] };
  return new CommandError({ code: 'VALIDATION', message: sentence + hint, ...issues }, EXIT.usage);
}

function asSentence(message: string): string {
  const oneLine = message.replaceAll(/\s*\n\s*/g, ' ');
  return `${oneLine.charAt(0).toUpperCase()}${oneLine.slice(1)}${/[.!?)]$/.test(oneLine) ? '' : '.'}`;
}

async function report(failure: CommandError, to: { terminal: Terminal; isJson: boolean }): Promise<void> {
  if (to.isJson) {
    await to.terminal.message(JSON.stringify(failure.body));
    return;
  }
  const label = to.terminal.errorStyle(['red', 'bold'], 'error:');
  await to.terminal.message(`${label} ${describeFailure(failure.body).join('\n')}`);
}
