import { Option, type Command } from 'commander';
import {
  ISOLATIONS,
  WORKLOAD_STATUSES,
  type ListWorkloadsInput,
  type WorkloadStatus,
  type WorkloadSummary,
} from '@tidemark/core/workloads/contract';
import { integerArgument, listArgument } from '../arguments.ts';
import { formatAge, formatDuration } from '../duration.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';
import { styleStatus } from './status-style.ts';

interface ListOptions extends PageOptions {
  status?: WorkloadStatus[];
  isolation?: ListWorkloadsInput['isolation'];
  kind?: string;
  queue?: string;
  worker?: string;
  label?: string;
  operation?: string;
  createdFrom?: string;
  createdTo?: string;
  search?: string;
}

export function addList(workload: Command, session: Session): void {
  workload
    .command('list')
    .description('list workloads, newest first')
    .option('--status <status>', `only these, separated by commas: ${WORKLOAD_STATUSES.join(', ')}`, listArgument)
    .addOption(new Option('--isolation <tier>', 'only this tier').choices(ISOLATIONS))
    .option('--kind <kind>', 'only this kind')
    .option('--queue <name>', 'only this queue')
    .option('--worker <id>', 'only those this worker has or had last')
    .option('--label <name[=value]>', 'only those that carry this label')
    .option('--operation <id>', 'only what this bulk action was carried out on')
    .option('--created-from <time>', 'created at this time or later')
    .option('--created-to <time>', 'created before this time')
    .option('--search <text>', 'part of the id or of the error')
    .option('--limit <number>', 'how many on a page, 1 to 200 (default: 50)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark workload list
  $ tidemark workload list --status failed,cancelled --limit 10
  $ tidemark workload list --label team=data --all --json | jq -r '.items[].id'`,
    )
    .action(session.action<ListOptions>(list));
}

async function list(cli: Cli, call: { options: ListOptions }): Promise<void> {
  const { options } = call;
  const filter = {
    ...(options.status === undefined ? {} : { status: options.status }),
    ...(options.isolation === undefined ? {} : { isolation: options.isolation }),
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    ...(options.worker === undefined ? {} : { worker_id: options.worker }),
    ...(options.label === undefined ? {} : { label: options.label }),
    ...(options.operation === undefined ? {} : { operation_id: options.operation }),
    ...(options.createdFrom === undefined ? {} : { created_from: options.createdFrom }),
    ...(options.createdTo === undefined ? {} : { created_to: options.createdTo }),
    ...(options.search === undefined ? {} : { q: options.search }),
  };
  await printPages(cli, options, {
    columns: columns(cli, Date.now()),
    read: (page) => cli.client.workloads.list.query({ ...filter, ...page }),
    empty:
      Object.keys(filter).length > 0
        ? 'No workload matches.'
        : 'No workloads yet. Submit one with "tidemark workload submit -- echo hello".',
  });
}

function columns(cli: Cli, now: number): readonly Column<WorkloadSummary>[] {
  return [
    { title: 'ID', value: (workload) => workload.id },
    { title: 'STATUS', value: (workload) => workload.status, style: (text, workload) => styleStatus(cli.terminal, workload.status, text) },
    { title: 'REASON', value: (workload) => workload.status_reason ?? '-' },
    { title: 'KIND', value: (workload) => workload.kind },
    { title: 'AGE', value: (workload) => formatAge(now - Date.parse(workload.created_at)), align: 'right' },
    { title: 'DURATION', value: (workload) => durationText(workload, now), align: 'right' },
    { title: 'WORKER', value: (workload) => workload.worker_id ?? '-' },
  ];
}

/** How long it took; for one that runs, how long it has been running. */
function durationText(workload: WorkloadSummary, now: number): string {
  if (workload.status === 'running' && workload.started_at !== null) return formatDuration(now - Date.parse(workload.started_at));
  return workload.duration_ms === null ? '-' : formatDuration(workload.duration_ms);
}
