import type { CreateMonitorInput, Monitor } from '@tidemark/core/monitors/contract';
import type { Command } from 'commander';
import type * as z from 'zod';
import { durationArgument, integerArgument, listArgument, readJson } from '../arguments.ts';
import { usage } from '../failure.ts';
import type { Cli, Session } from '../session.ts';

interface CreateOptions {
  id?: string;
  steps?: string;
  every?: number;
  cron?: string;
  timezone?: string;
  timeout?: number;
  retries?: number;
  tag?: string[];
  channel?: string[];
  paused?: boolean;
  public?: boolean;
}

type Input = z.input<typeof CreateMonitorInput>;

export function addCreate(monitor: Command, session: Session): void {
  monitor
    .command('create')
    .description('create a monitor; a name and an address are enough')
    .argument('<name>', 'what people call it')
    .argument('<url>', 'the address it watches')
    .option('--id <id>', 'an id of your own')
    .option('--steps <json>', 'its steps: JSON, @file or @-')
    .option('--every <duration>', 'time from one run to the next, such as 30s or 5m (default: 60s)', durationArgument)
    .option('--cron <expression>', 'when it runs, in place of --every')
    .option('--timezone <zone>', 'zone of --cron, such as Europe/Berlin (default: UTC)')
    .option('--timeout <duration>', 'limit of one try (default: 30s)', durationArgument)
    .option('--retries <number>', 'further tries inside a run', integerArgument)
    .option('--tag <tags>', 'tags, separated by commas', listArgument)
    .option('--channel <ids>', 'channels told of its outages, separated by commas', listArgument)
    .option('--paused', 'do not run it yet')
    .option('--public', 'show it on the badges without a key')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark monitor create Shop https://example.com --every 1m
  $ tidemark monitor create Login https://example.com/login --steps @steps.json --tag shop --channel ch_0mb1q2c3d4
  $ tidemark monitor create Nightly https://example.com/report --cron '0 3 * * *' --timezone Europe/Berlin`,
    )
    .action(session.action<CreateOptions>(create));
}

/** Only what was asked for, so that the server's defaults stay the server's. */
function schedule({ every, cron, timezone }: CreateOptions): Partial<Input> {
  if (every !== undefined && every % 1000 !== 0) throw usage('--every', 'must be whole seconds.');
  return {
    ...(every === undefined ? {} : { interval_seconds: every / 1000 }),
    ...(cron === undefined ? {} : { cron }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

async function create(cli: Cli, call: { args: readonly string[]; options: CreateOptions }): Promise<void> {
  const { options } = call;
  const [name = '', url = ''] = call.args;
  const steps = options.steps === undefined ? undefined : await readJson(cli.terminal.io, '--steps', options.steps);
  const created: Monitor = await cli.client.monitors.create.mutate({
    name,
    url,
    ...schedule(options),
    ...(options.id === undefined ? {} : { id: options.id }),
    // The server judges what the file holds, and names the field.
    ...(steps === undefined ? {} : { steps: steps as NonNullable<Input['steps']> }),
    ...(options.timeout === undefined ? {} : { timeout_ms: options.timeout }),
    ...(options.retries === undefined ? {} : { retries: options.retries }),
    ...(options.tag === undefined ? {} : { tags: options.tag }),
    ...(options.channel === undefined ? {} : { alert: { channel_ids: options.channel } }),
    ...(options.paused === true ? { status: 'paused' as const } : {}),
    ...(options.public === true ? { public: true } : {}),
  });
  await (cli.isJson ? cli.terminal.json(created) : cli.terminal.data(`${created.id}\n`));
}
