import { Option, type Command } from 'commander';
import { download } from '../download.ts';
import type { Cli, Session } from '../session.ts';

const TYPES = { csv: 'text/csv', jsonl: 'application/jsonl' } as const;

interface ExportOptions {
  format: keyof typeof TYPES;
  failed?: boolean;
  from?: string;
  to?: string;
  output?: string;
}

export function addExportResults(parent: Command, session: Session): void {
  parent
    .command('results')
    .description('print the runs of a monitor as CSV or JSON lines, newest first')
    .argument('<id>', 'id of the monitor')
    .option('--failed', 'only those that failed')
    .option('--from <time>', 'started at this time or later')
    .option('--to <time>', 'started before this time')
    .addOption(new Option('--format <format>', 'what to write').choices(Object.keys(TYPES)).default('csv'))
    .option('--output <file>', 'the file to write (default: standard output)')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark export results tst_0mb1q2c3d4e5f6g7h8j9 --failed > failed.csv
  $ tidemark export results tst_0mb1q2c3d4e5f6g7h8j9 --from 2026-01-01T00:00:00Z --format jsonl | jq -r .error

JSON lines have the steps of each run, too.`,
    )
    .action(session.action<ExportOptions>(exportResults));
}

async function exportResults(cli: Cli, call: { args: readonly string[]; options: ExportOptions }): Promise<void> {
  const { format, failed, from, to, output } = call.options;
  const query = {
    ...(failed === true ? { passed: false } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const path = `/api/tests/${encodeURIComponent(call.args[0] ?? '')}/results.${format}` as const;
  await download(cli, { path, query, type: TYPES[format] }, output);
}
