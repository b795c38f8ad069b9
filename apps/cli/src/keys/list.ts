import type { Command } from 'commander';
import type { ApiKey } from '@tidemark/core/access/contract';
import { integerArgument } from '../arguments.ts';
import { formatAge } from '../duration.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';

export function addList(keys: Command, session: Session): void {
  keys
    .command('list')
    .description('list API keys, newest first')
    .option('--limit <number>', 'how many on a page, 1 to 500 (default: 100)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark keys list
  $ tidemark keys list --json | jq -r '.items[] | select(.revoked_at == null) | .id'`,
    )
    .action(session.action<PageOptions>(list));
}

async function list(cli: Cli, call: { options: PageOptions }): Promise<void> {
  await printPages(cli, call.options, {
    columns: columns(Date.now()),
    read: (page) => cli.client.keys.list.query(page),
    empty: 'No keys yet. Create the first with "tidemark keys create --name admin --role admin".',
  });
}

function columns(now: number): readonly Column<ApiKey>[] {
  return [
    { title: 'ID', value: (key) => key.id },
    { title: 'NAME', value: (key) => key.name },
    { title: 'ROLE', value: (key) => key.role },
    { title: 'STATE', value: (key) => keyState(key, now) },
    { title: 'AGE', value: (key) => formatAge(now - Date.parse(key.created_at)), align: 'right' },
    {
      title: 'USED',
      value: (key) => (key.last_used_at === null ? 'never' : formatAge(now - Date.parse(key.last_used_at))),
      align: 'right',
    },
    { title: 'EXPIRES', value: (key) => key.expires_at ?? 'never' },
  ];
}

function keyState(key: ApiKey, now: number): string {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? 'expired' : 'live';
}
