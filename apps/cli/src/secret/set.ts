import type { Command } from 'commander';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Cli, Session } from '../session.ts';

export function addSet(secret: Command, session: Session): void {
  secret
    .command('set')
    .description('create a secret or replace its value, which is read from standard input')
    .argument('<name>', 'capital letters, digits and "_", such as API_TOKEN')
    .addHelpText(
      'after',
      `
The value is never an argument: arguments are kept in the history of the shell and shown to every
process. One line end at its end is left out.

Examples:
  $ tidemark secret set API_TOKEN < token.txt
  $ printf %s "$TOKEN" | tidemark secret set API_TOKEN`,
    )
    .action(session.action((cli, call) => set(cli, { name: call.args[0] ?? '', input: session.io.stdin })));
}

async function set(cli: Cli, { name, input }: { name: string; input: Readable }): Promise<void> {
  const value = (await text(input)).replace(/\r?\n$/, '');
  const secret = await cli.client.secrets.set.mutate({ name, value });
  if (cli.isJson) return cli.terminal.json(secret);
  await cli.terminal.data(`${secret.name} set\n`);
}
