import type { Publication, PublicationStatus } from '@tidemark/core/publications/contract';
import type { Command } from 'commander';
import { integerArgument } from '../arguments.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';
import { addFilter, toFilter, type FilterOptions } from './filter.ts';

type ListOptions = PageOptions & FilterOptions;

const STYLES = {
  pending: 'yellow',
  scheduled: 'magenta',
  processing: 'cyan',
  success: 'green',
  failed: 'red',
  cancelled: 'gray',
} as const satisfies Record<PublicationStatus, string>;

export function addList(publication: Command, session: Session): void {
  addFilter(publication.command('list').description('list publications, newest first'))
    .option('--limit <number>', 'how many on a page, 1 to 200 (default: 50)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark publication list --status pending
  $ tidemark publication list --cause unconfirmed --json | jq -r '.items[].id'`,
    )
    .action(session.action<ListOptions>(list));
}

async function list(cli: Cli, call: { options: ListOptions }): Promise<void> {
  const filter = toFilter(call.options);
  const columns: readonly Column<Publication>[] = [
    { title: 'ID', value: (row) => row.id },
    { title: 'STATUS', value: (row) => row.status, style: (text, row) => cli.terminal.style(STYLES[row.status], text) },
    { title: 'CAUSE', value: (row) => row.sub_status ?? '' },
    { title: 'PLATFORM', value: (row) => row.platform },
    { title: 'ACCOUNT', value: (row) => row.social_account_id },
    { title: 'DUE', value: (row) => row.due_at },
    { title: 'WHY', value: (row) => row.wait_reason ?? row.error ?? '' },
  ];
  await printPages(cli, call.options, {
    columns,
    read: (page) => cli.client.publishing.publications.list.query({ ...filter, ...page }),
    empty: Object.keys(filter).length > 0 ? 'No publication matches.' : 'No publications yet.',
  });
}
