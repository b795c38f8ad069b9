import type { ListMonitorsInput, Monitor } from '@tidemark/core/monitors/contract';
import { Option, type Command } from 'commander';
import { integerArgument } from '../arguments.ts';
import { formatAge } from '../duration.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';
import { styleResult } from './result-style.ts';

interface ListOptions extends PageOptions {
  status?: ListMonitorsInput['status'];
  result?: ListMonitorsInput['last_result'];
  tag?: string;
  search?: string;
}

export function addList(monitor: Command, session: Session): void {
  monitor
    .command('list')
    .description('list monitors, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(['active', 'paused']))
    .addOption(new Option('--result <result>', 'only those whose last run ended so').choices(['passed', 'failed']))
    .option('--tag <tag>', 'only those that carry this tag')
    .option('--search <text>', 'part of the name, the address or the id')
    .option('--limit <number>', 'how many on a page, 1 to 200 (default: 50)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark monitor list
  $ tidemark monitor list --result failed --json | jq -r '.items[].url'`,
    )
    .action(session.action<ListOptions>(list));
}

async function list(cli: Cli, call: { options: ListOptions }): Promise<void> {
  const { status, result, tag, search } = call.options;
  const filter = {
    ...(status === undefined ? {} : { status }),
    ...(result === undefined ? {} : { last_result: result }),
    ...(tag === undefined ? {} : { tag }),
    ...(search === undefined ? {} : { q: search }),
  };
  await printPages(cli, call.options, {
    columns: columns(cli, Date.now()),
    read: (page) => cli.client.monitors.list.query({ ...filter, ...page }),
    empty:
      Object.keys(filter).length > 0
        ? 'No monitor matches.'
        : 'No monitors yet. Create one with "tidemark monitor create Shop https://example.com".',
  });
}

function columns(cli: Cli, now: number): readonly Column<Monitor>[] {
  return [
    { title: 'ID', value: (monitor) => monitor.id },
    { title: 'NAME', value: (monitor) => monitor.name },
    { title: 'STATE', value: (monitor) => monitor.state },
    {
      title: 'LAST',
      value: (monitor) => monitor.last_result ?? 'pending',
      style: (text, monitor) => styleResult(cli, monitor.last_result, text),
    },
    {
      title: 'AGO',
      value: (monitor) => (monitor.last_run_at === null ? '-' : formatAge(now - Date.parse(monitor.last_run_at))),
      align: 'right',
    },
    { title: 'EVERY', value: (monitor) => monitor.cron ?? `${monitor.interval_seconds ?? 0}s` },
    { title: 'URL', value: (monitor) => monitor.url ?? '-' },
  ];
}
