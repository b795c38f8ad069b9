import type { Command } from 'commander';
import type { Cli, Session } from '../session.ts';
import { renderTable } from '../table.ts';
import { describePublication } from './describe.ts';

export function addGet(publication: Command, session: Session): void {
  publication
    .command('get')
    .description('show a publication with its attempts')
    .argument('<id>', 'id of the publication')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark publication get pub_0mb1q2c3d4e5f6g7h8j9`,
    )
    .action(session.action(get));
}

async function get(cli: Cli, call: { args: readonly string[] }): Promise<void> {
  const found = await cli.client.publishing.publications.get.query({ id: call.args[0] ?? '' });
  if (cli.isJson) return cli.terminal.json(found);
  const more = found.error ?? found.external_id;
  await cli.terminal.data(`${describePublication(found)}${more === null ? '' : `\n${more}`}\n`);
  if (found.attempts.length === 0) return;
  await cli.terminal.data(
    renderTable(
      [
        { title: 'ATTEMPT', value: (row) => String(row.attempt), align: 'right' },
        { title: 'OUTCOME', value: (row) => row.outcome ?? 'under way' },
        { title: 'STATUS', value: (row) => String(row.http_status ?? '-') },
        { title: 'SENT', value: (row) => row.sent_at ?? 'not sent' },
        { title: 'ERROR', value: (row) => row.error ?? '' },
      ],
      found.attempts,
    ),
  );
}
