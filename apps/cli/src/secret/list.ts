import type { Command } from 'commander';
import { formatAge } from '../duration.ts';
import type { Cli, Session } from '../session.ts';

export function addList(secret: Command, session: Session): void {
  secret
    .command('list')
    .description('names of secrets; their values are never shown')
    .addHelpText('after', '\nExamples:\n  $ tidemark secret list\n  $ tidemark secret list --json')
    .action(session.action(list));
}

async function list(cli: Cli): Promise<void> {
  const answer = await cli.client.secrets.list.query({});
  if (cli.isJson) return cli.terminal.json(answer);
  const now = Date.now();
  const lines = answer.items.map(
    ({ name, updated_at, key_id }) => `${name}\tset ${formatAge(now - Date.parse(updated_at))} ago\tkey ${key_id}\n`,
  );
  await cli.terminal.data(lines.join(''));
  if (lines.length === 0) await cli.terminal.message('No secrets yet. Make one with "tidemark secret set NAME < file".');
}
