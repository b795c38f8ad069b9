import type { Command } from 'commander';
import type { Cli, Session } from '../session.ts';

export function addRevoke(keys: Command, session: Session): void {
  keys
    .command('revoke')
    .description('revoke an API key; whoever uses it is refused from now on')
    .argument('<id>', 'id of the key')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark keys revoke key_0mb1q2c3d4e5f6g7h8j9`,
    )
    .action(session.action(revoke));
}

async function revoke(cli: Cli, call: { args: readonly string[] }): Promise<void> {
  const key = await cli.client.keys.revoke.mutate({ id: call.args[0] ?? '' });
  if (cli.isJson) return cli.terminal.json(key);
  await cli.terminal.data(`${key.id} revoked\n`);
}
