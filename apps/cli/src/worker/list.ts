import { Option, type Command } from 'commander';
import { LIVENESS, type Liveness, type Worker } from '@tidemark/core/workers/contract';
import { integerArgument } from '../arguments.ts';
import { formatAge } from '../duration.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';
import { styleLiveness } from './liveness-style.ts';

interface ListOptions extends PageOptions {
  liveness?: Liveness;
}

export function addList(worker: Command, session: Session): void {
  worker
    .command('list')
    .description('list workers')
    .addOption(new Option('--liveness <liveness>', 'only these').choices(LIVENESS))
    .option('--limit <number>', 'how many on a page, 1 to 500 (default: 100)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark worker list
  $ tidemark worker list --liveness lost`,
    )
    .action(session.action<ListOptions>(list));
}

async function list(cli: Cli, call: { options: ListOptions }): Promise<void> {
  const { liveness } = call.options;
  const filter = liveness === undefined ? {} : { liveness };
  await printPages(cli, call.options, {
    columns: columns(cli, Date.now()),
    read: (page) => cli.client.workers.list.query({ ...filter, ...page }),
    empty: liveness === undefined ? 'No workers yet. Start one with "tidemark worker".' : 'No worker matches.',
  });
}

function columns(cli: Cli, now: number): readonly Column<Worker>[] {
  return [
    { title: 'ID', value: (worker) => worker.id },
    { title: 'NAME', value: (worker) => worker.name },
    { title: 'LIVENESS', value: (worker) => worker.liveness, style: (text, worker) => styleLiveness(cli.terminal, worker.liveness, text) },
    { title: 'SLOTS', value: (worker) => `${worker.slots_used}/${worker.slots}`, align: 'right' },
    { title: 'NOTE', value: noteOf },
    { title: 'ISOLATION', value: (worker) => worker.isolations.join(',') },
    { title: 'KINDS', value: (worker) => worker.kinds.join(',') },
    { title: 'QUEUES', value: (worker) => worker.queues.join(',') },
    { title: 'SEEN', value: (worker) => formatAge(now - Date.parse(worker.last_heartbeat_at)), align: 'right' },
  ];
}

/** What a person should know at a glance. */
function noteOf(worker: Worker): string {
  const notes = [worker.quarantined ? 'quarantined' : '', worker.is_slow ? 'slow' : '', worker.stuck_jobs.length > 0 ? 'stuck' : ''];
  return notes.filter((note) => note !== '').join(',') || '-';
}
