import type { ListPublicationsInput, Publication, PublicationStatus } from '@tidemark/core/publications/contract';
import { PUBLICATION_STATUSES, SUB_STATUSES } from '@tidemark/core/publications/contract';
import { Option, type Command } from 'commander';
import { integerArgument } from '../arguments.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';

interface ListOptions extends PageOptions {
  status?: PublicationStatus;
  cause?: ListPublicationsInput['sub_status'];
  platform?: string;
  account?: string;
  campaign?: string;
}

const STYLES = {
  pending: 'yellow',
  scheduled: 'magenta',
  processing: 'cyan',
  success: 'green',
  failed: 'red',
  cancelled: 'gray',
} as const satisfies Record<PublicationStatus, string>;

export function addList(publication: Command, session: Session): void {
  publication
    .command('list')
    .description('list publications, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(PUBLICATION_STATUSES))
    .addOption(new Option('--cause <cause>', 'only those that ended or wait for this').choices(SUB_STATUSES))
    .option('--platform <platform>', 'only this platform')
    .option('--account <account>', 'only this social account')
    .option('--campaign <id>', 'only this campaign')
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
  const { status, cause, platform, account, campaign } = call.options;
  const filter = {
    ...(status === undefined ? {} : { status }),
    ...(cause === undefined ? {} : { sub_status: cause }),
    ...(platform === undefined ? {} : { platform }),
    ...(account === undefined ? {} : { social_account_id: account }),
    ...(campaign === undefined ? {} : { campaign_id: campaign }),
  };
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
