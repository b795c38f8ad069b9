import { Option, type Command } from 'commander';
import { HISTORY_EVENTS, type HistoryEvent, type WorkerHistory } from '@tidemark/core/history/contract';
import { integerArgument } from '../arguments.ts';
import { formatDuration } from '../duration.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';
import { formatRate } from './rate.ts';

interface HistoryOptions extends PageOptions {
  job?: string;
  /** Not `--type`: that is the agent's own, and the parent command would take it. */
  workerType?: string;
  event?: HistoryEvent;
  from?: string;
  to?: string;
}

export function addHistory(worker: Command, session: Session): void {
  worker
    .command('history')
    .description('list accepted checkpoints, completions and failures with their keys per second, newest first')
    .argument('[id]', 'only this worker')
    .option('--job <id>', 'only this job')
    .option('--worker-type <type>', 'only workers of this type')
    .addOption(new Option('--event <event>', 'only these').choices(HISTORY_EVENTS))
    .option('--from <time>', 'accepted at this time or later')
    .option('--to <time>', 'accepted before this time')
    .option('--limit <number>', 'how many on a page, 1 to 500 (default: 50)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark worker history wk_0mb1q2c3d4e5f6g7h8j9
  $ tidemark worker history --job wl_0mb1q2c3d4e5f6g7h8j9 --event checkpoint --json`,
    )
    .action(session.action<HistoryOptions>(history));
}

async function history(cli: Cli, call: { args: readonly string[]; options: HistoryOptions }): Promise<void> {
  const { job, workerType: type, event, from, to } = call.options;
  const [id] = call.args;
  const filter = {
    ...(id === undefined ? {} : { worker_id: id }),
    ...(job === undefined ? {} : { job_id: job }),
    ...(type === undefined ? {} : { worker_type: type }),
    ...(event === undefined ? {} : { event }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  await printPages(cli, call.options, {
    columns: COLUMNS,
    read: (page) => cli.client.workers.history.query({ ...filter, ...page }),
    empty: 'No report fits.',
  });
}

const COLUMNS: readonly Column<WorkerHistory>[] = [
  { title: 'ACCEPTED', value: (row) => row.finished_at },
  { title: 'EVENT', value: (row) => row.event },
  { title: 'WORKER', value: (row) => row.worker_id },
  { title: 'TYPE', value: (row) => row.worker_type },
  { title: 'JOB', value: (row) => row.job_id },
  { title: 'KEYS', value: (row) => String(row.keys_scanned ?? '-'), align: 'right' },
  { title: 'TOOK', value: (row) => (row.duration_ms === null ? '-' : formatDuration(row.duration_ms)), align: 'right' },
  { title: 'KEYS/S', value: (row) => formatRate(row.keys_per_second), align: 'right' },
];
