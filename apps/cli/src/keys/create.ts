import { Option, type Command } from 'commander';
import { ROLES, type Role } from '@tidemark/core/access/contract';
import { durationArgument, listArgument } from '../arguments.ts';
import type { Cli, Session } from '../session.ts';

interface CreateOptions {
  name: string;
  role: Role;
  expiresIn?: number;
  queue?: string[];
  kind?: string[];
  payloads: boolean;
}

export function addCreate(keys: Command, session: Session): void {
  keys
    .command('create')
    .description('create an API key and print it; it is shown only this once')
    .requiredOption('--name <name>', 'what the key is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--expires-in <duration>', 'how long it works, such as 90d (default: for ever)', durationArgument)
    .option('--queue <names>', 'only work of these queues', listArgument)
    .option('--kind <names>', 'only work of these kinds', listArgument)
    .option('--no-payloads', 'withhold payloads and outputs')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark keys create --name "first admin" --role admin
  $ tidemark keys create --name agents --role worker --expires-in 90d
  $ export TIDEMARK_KEY=$(tidemark keys create --name me --role admin)

The first key must have the role admin: from then on the server asks everybody for a key,
workers too.`,
    )
    .action(session.action<CreateOptions>(create));
}

async function create(cli: Cli, call: { options: CreateOptions }): Promise<void> {
  const { name, role, expiresIn, queue, kind, payloads } = call.options;
  const limits = {
    ...(queue === undefined ? {} : { queues: queue }),
    ...(kind === undefined ? {} : { kinds: kind }),
    sees_payloads: payloads,
  };
  const expiry = expiresIn === undefined ? {} : { expires_at: new Date(Date.now() + expiresIn).toISOString() };
  const created = await cli.client.keys.create.mutate({ name, role, ...limits, ...expiry });
  if (cli.isJson) return cli.terminal.json(created);
  await cli.terminal.data(`${created.key}\n`);
  await cli.terminal.message(`Created ${created.id} (${created.role}). Keep the key now: it cannot be shown again.`);
  if (cli.key === undefined)
    await cli.terminal.message(
      'From now on the server asks everybody for a key: this command and workers started by hand take theirs from TIDEMARK_KEY.',
    );
}
