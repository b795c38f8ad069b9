import { ISOLATIONS, type CreateWorkloadInput } from '@tidemark/core/workloads/contract';
import type * as z from 'zod';
import { Option, type Command } from 'commander';
import { durationArgument, integerArgument, pairArgument } from '../arguments.ts';
import { usage } from '../failure.ts';
import type { Cli, Session } from '../session.ts';
import type { WorkloadAnswer } from './answers.ts';
import { readWork, type WorkOptions } from './payload.ts';
import { waitForWorkload } from './wait.ts';

interface SubmitOptions extends WorkOptions {
  isolation?: (typeof ISOLATIONS)[number];
  queue?: string;
  priority?: number;
  label?: Record<string, string>;
  requireLabel?: Record<string, string>;
  maxAttempts?: number;
  timeout?: number;
  runAt?: string;
  idempotencyKey?: string;
  wait?: boolean;
  detach?: boolean;
  reconnectFor: number;
}

const DEFAULT_RECONNECT_MS = 300_000;

export function reconnectOption(): Option {
  return new Option('--reconnect-for <duration>', 'how long the server may be away while following')
    .argParser(durationArgument)
    .default(DEFAULT_RECONNECT_MS, '5m');
}

export function addSubmit(workload: Command, session: Session): void {
  workload
    .command('submit')
    .description('submit a workload: a command after "--", a shell line, a script, or any kind with its payload')
    .argument('[command...]', 'the command and its arguments, best written after "--"')
    .option('--shell <line>', 'run a line by /bin/sh -c')
    .option('--script <file>', 'run a JavaScript file ("-" reads standard input) in an isolate')
    .option('--input <json>', 'input of the script: JSON, @file or @-')
    .option('--kind <kind>', 'kind of work a worker has a handler for')
    .option('--payload <json>', 'payload of the kind: JSON, @file or @-')
    .option('--env <name=value>', 'environment variable of the command (repeatable)', pairArgument)
    .option('--cwd <folder>', 'folder the command runs in, on the worker')
    .option('--stdin <text>', 'standard input of the command: text, @file or @-')
    .addOption(new Option('--isolation <tier>', 'how strongly it is kept apart').choices(ISOLATIONS))
    .option('--queue <name>', 'queue it waits in (default: "default")')
    .option('--priority <number>', 'higher first, -1000 to 1000', integerArgument)
    .option('--label <name=value>', 'label of the workload (repeatable)', pairArgument)
    .option('--require-label <name=value>', 'label its worker must carry (repeatable)', pairArgument)
    .option('--max-attempts <number>', 'attempts before it has failed', integerArgument)
    .option('--timeout <duration>', 'limit of one attempt, such as 500ms, 30s, 5m or 2h', durationArgument)
    .option('--run-at <time>', 'not before this time, such as 2026-01-31T12:00:00Z')
    .option('--idempotency-key <key>', 'the same key and input answers with the first workload')
    .addOption(new Option('--wait', 'show its output live and end with its exit code').conflicts('detach'))
    .option('--detach', 'print the id and end at once (the default)')
    .addOption(reconnectOption())
    .addHelpText('after', HELP)
    .action(session.action<SubmitOptions>(submit));
}

const HELP = `
Examples:
  $ tidemark workload submit -- node -e 'console.log(1)'
  $ tidemark workload submit --wait --shell 'ls | wc -l'
  $ tidemark workload submit --script job.js --input '{"a": 1}' --timeout 30s
  $ tidemark workload submit --kind scan --payload @scan.json --queue nightly --label team=data
  $ id=$(tidemark workload submit --run-at 2026-12-31T23:00:00Z -- /opt/report.sh)

With --wait the command ends with the workload's own exit code; 128 + n after a signal, 130 when it was
cancelled, 1 when it failed without a code. Ctrl-C stops waiting, not the workload.`;

async function submit(cli: Cli, call: { args: readonly string[]; options: SubmitOptions }): Promise<number> {
  const { options } = call;
  const input = { ...(await readWork(cli.terminal.io, call.args, options)), ...placement(options) };
  const created = await cli.client.workloads.create.mutate(input);
  if (options.wait === true) return waitForWorkload(cli, { id: created.id, reconnectForMs: options.reconnectFor });
  await showCreated(cli, created);
  return 0;
}

async function showCreated(cli: Cli, created: WorkloadAnswer): Promise<void> {
  if (cli.isJson) return cli.terminal.json(created);
  await cli.terminal.data(`${created.id}\n`);
  if (cli.terminal.io.stderr.isTTY === true) await cli.terminal.message(`Follow it with: tidemark workload tail ${created.id}`);
}

/** Only what was asked for, so that the server's defaults stay the server's. */
function placement(options: SubmitOptions): Omit<z.input<typeof CreateWorkloadInput>, 'kind' | 'payload'> {
  if (options.timeout === 0) throw usage('--timeout', 'must be longer than nothing.');
  return {
    ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.label === undefined ? {} : { labels: options.label }),
    ...(options.requireLabel === undefined ? {} : { required_labels: options.requireLabel }),
    ...(options.maxAttempts === undefined ? {} : { max_attempts: options.maxAttempts }),
    ...(options.timeout === undefined ? {} : { timeout_ms: options.timeout }),
    ...(options.runAt === undefined ? {} : { run_at: options.runAt }),
    ...(options.idempotencyKey === undefined ? {} : { idempotency_key: options.idempotencyKey }),
  };
}
