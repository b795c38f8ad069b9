import type { Command } from 'commander';
import type { Cli, Session } from '../session.ts';

export function addExport(program: Command, session: Session): void {
  program
    .command('export')
    .description('print all monitors as YAML; importing that changes nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark export > monitors.yaml
  $ tidemark export | tidemark import - --dry-run`,
    )
    .action(session.action(exportAll));
}

async function exportAll(cli: Cli): Promise<void> {
  const answer = await cli.client.transfer.export.query({});
  await (cli.isJson ? cli.terminal.json(answer) : cli.terminal.data(answer.content));
}
