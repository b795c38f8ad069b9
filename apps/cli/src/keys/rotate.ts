import type { Command } from 'commander';
import { durationArgument } from '../arguments.ts';
import type { Cli, Session } from '../session.ts';

interface RotateOptions {
  overlap?: number;
}

export function addRotate(keys: Command, session: Session): void {
  keys
    .command('rotate')
    .description('replace an API key by a new one and print it; for a while both work')
    .argument('<id>', 'id of the key')
    .option('--overlap <duration>', 'how long the old key goes on working (default: 24h)', durationArgument)
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark keys rotate key_0mb1q2c3d4e5f6g7h8j9
  $ tidemark keys rotate key_0mb1q2c3d4e5f6g7h8j9 --overlap 1h`,
    )
    .action(session.action<RotateOptions>(rotate));
}

async function rotate(cli: Cli, call: { args: readonly string[]; options: RotateOptions }): Promise<void> {
  const { overlap } = call.options;
  const seconds = overlap === undefined ? {} : { overlap_seconds: Math.ceil(overlap / 1000) };
  const created = await cli.client.keys.rotate.mutate({ id: call.args[0] ?? '', ...seconds });
  if (cli.isJson) return cli.terminal.json(created);
  await cli.terminal.data(`${created.key}\n`);
  await cli.terminal.message(`Created ${created.id} (${created.role}). Keep the key now: it cannot be shown again.`);
}
