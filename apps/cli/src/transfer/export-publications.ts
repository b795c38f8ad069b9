import { Option, type Command } from 'commander';
import { download } from '../download.ts';
import { addFilter, toFilter, type FilterOptions } from '../publication/filter.ts';
import type { Cli, Session } from '../session.ts';

const TYPES = { csv: 'text/csv', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const;

interface ExportOptions extends FilterOptions {
  format: keyof typeof TYPES;
  output?: string;
}

export function addExportPublications(parent: Command, session: Session): void {
  addFilter(parent.command('publications').description('print publications as CSV or XLSX, newest first'))
    .addOption(new Option('--format <format>', 'what to write').choices(Object.keys(TYPES)).default('csv'))
    .option('--output <file>', 'the file to write (default: standard output)')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark export publications --status failed > failed.csv
  $ tidemark export publications --format xlsx --output plan.xlsx

Takes the filters of "publication list". An exported CSV can be imported as it is.`,
    )
    .action(session.action<ExportOptions>(exportPublications));
}

async function exportPublications(cli: Cli, call: { options: ExportOptions }): Promise<void> {
  const { format, output } = call.options;
  await download(cli, { path: `/v1/publications/export.${format}`, query: toFilter(call.options), type: TYPES[format] }, output);
}
