import type { Command } from 'commander';
import type { Cli, Session } from '../session.ts';

/** `delete` and `rotate`. */
export function addChange(secret: Command, session: Session): void {
  secret
    .command('delete')
    .description('delete a secret; what refers to it fails from now on and says so')
    .argument('<name>', 'name of the secret')
    .addHelpText('after', '\nExamples:\n  $ tidemark secret delete API_TOKEN')
    .action(session.action(remove));
  secret
    .command('rotate')
    .description('seal all secrets anew with the first key of TIDEMARK_SECRET_KEY')
    .addHelpText('after', '\nExamples:\n  $ tidemark secret rotate')
    .action(session.action(rotate));
}

async function remove(cli: Cli, call: { args: readonly string[] }): Promise<void> {
  const gone = await cli.client.secrets.delete.mutate({ name: call.args[0] ?? '' });
  if (cli.isJson) return cli.terminal.json(gone);
  await cli.terminal.data(`${gone.name} deleted\n`);
}

async function rotate(cli: Cli): Promise<void> {
  const answer = await cli.client.secrets.rotate.mutate({});
  if (cli.isJson) return cli.terminal.json(answer);
  await cli.terminal.data(`${answer.resealed} sealed anew with key ${answer.key_id}\n`);
}
