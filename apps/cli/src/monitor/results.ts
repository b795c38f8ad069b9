import type { Run } from '@tidemark/core/runs/contract';
import type { Command } from 'commander';
import { integerArgument } from '../arguments.ts';
import { formatDuration } from '../duration.ts';
import { printPages } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import type { Column } from '../table.ts';
import { styleResult } from './result-style.ts';

interface ResultsOptions {
  limit?: number;
  cursor?: string;
  failed?: boolean;
}

export function addResults(monitor: Command, session: Session): void {
  monitor
    .command('results')
    .description('list the runs of a monitor, newest first')
    .argument('<id>', 'id of the monitor')
    .option('--failed', 'only those that failed')
    .option('--limit <number>', 'how many on a page, 1 to 100 (default: 20)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark monitor results tst_0mb1q2c3d4e5f6g7h8j9
  $ tidemark monitor results tst_0mb1q2c3d4e5f6g7h8j9 --failed --limit 5`,
    )
    .action(session.action<ResultsOptions>(results));
}

async function results(cli: Cli, call: { args: readonly string[]; options: ResultsOptions }): Promise<void> {
  const filter = { test_id: call.args[0] ?? '', ...(call.options.failed === true ? { passed: false } : {}) };
  if (cli.isJson) {
    const { limit, cursor } = call.options;
    const asked = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
    return cli.terminal.json(await cli.client.monitors.results.query({ ...filter, ...asked }));
  }
  await printPages(cli, call.options, {
    columns: columns(cli),
    read: async (page) => {
      const answer = await cli.client.monitors.results.query({ ...filter, ...page });
      return { items: answer.results, next_cursor: answer.next_cursor };
    },
    empty: call.options.failed === true ? 'No run failed.' : 'No runs yet. Run it now with "tidemark monitor run".',
  });
}

function columns(cli: Cli): readonly Column<Run>[] {
  return [
    { title: 'STARTED', value: (run) => run.started_at },
    {
      title: 'RESULT',
      value: (run) => (run.passed ? 'passed' : 'failed'),
      style: (text, run) => styleResult(cli, run.passed ? 'passed' : 'failed', text),
    },
    { title: 'DURATION', value: (run) => formatDuration(run.duration_ms), align: 'right' },
    { title: 'STEPS', value: (run) => `${run.steps_passed}/${run.steps_total}` },
    { title: 'BY', value: (run) => run.triggered_by },
    { title: 'ERROR', value: (run) => run.error ?? '' },
  ];
}
