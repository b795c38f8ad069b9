import type { Command } from 'commander';
import type { Cli, Session } from '../session.ts';
import { addExportPublications } from './export-publications.ts';
import { addExportResults } from './export-results.ts';

export function addExport(program: Command, session: Session): void {
  const command = program
    .command('export')
    .description('print all monitors as YAML, publications, or the runs of a monitor')
    .helpCommand(false)
    .usage('[options] | <subcommand>')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark export > monitors.yaml
  $ tidemark export | tidemark import - --dry-run
  $ tidemark export publications --format xlsx --output plan.xlsx
  $ tidemark export results tst_0mb1q2c3d4e5f6g7h8j9 --failed

Without a subcommand it prints all monitors; importing that changes nothing.`,
    )
    .action(session.action(exportAll));
  for (const add of [addExportPublications, addExportResults]) add(command, session);
}

async function exportAll(cli: Cli): Promise<void> {
  const answer = await cli.client.transfer.export.query({});
  await (cli.isJson ? cli.terminal.json(answer) : cli.terminal.data(answer.content));
}
