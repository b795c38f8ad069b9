import type { Command } from 'commander';
import { readSource } from '../arguments.ts';
import { EXIT } from '../exit-code.ts';
import type { Cli, Session } from '../session.ts';
import { plain } from '../table.ts';

interface ImportOptions {
  skipInvalid?: boolean;
  dryRun?: boolean;
  clips?: boolean;
}

export function addImport(publication: Command, session: Session): void {
  publication
    .command('import')
    .description('create publications from a CSV of up to 100,000 rows; one bad line keeps everything out')
    .argument('<file>', 'the file, or "-" for standard input')
    .option('--skip-invalid', 'leave out the lines that do not fit')
    .option('--dry-run', 'say what would happen and change nothing')
    .option('--clips', 'the rows are clips')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark publication import plan.csv --dry-run
  $ tidemark publication import clips.csv --clips --skip-invalid

The first line names the fields, such as clip_id,platform,social_account_id,scheduled_for.
Ends with 1 when lines were left out.`,
    )
    .action(session.action<ImportOptions>(importFile));
}

async function importFile(cli: Cli, call: { args: readonly string[]; options: ImportOptions }): Promise<number> {
  const content = await readSource(cli.terminal.io, '<file>', call.args[0] ?? '-');
  const { publishing } = cli.client;
  const input = { content, skip_invalid: call.options.skipInvalid === true, dry_run: call.options.dryRun === true };
  const answer = await (call.options.clips === true ? publishing.clips : publishing.publications).importCsv.mutate(input);
  const code = answer.skipped_count > 0 ? EXIT.failed : EXIT.ok;
  if (cli.isJson) {
    await cli.terminal.json(answer);
    return code;
  }
  const prefix = answer.is_dry_run ? 'would be: ' : '';
  await cli.terminal.data(`${prefix}${answer.created} created, ${answer.unchanged} unchanged, ${answer.skipped_count} left out\n`);
  for (const { line, column, message } of answer.skipped)
    await cli.terminal.message(`line ${line}, column ${plain(column)}: ${plain(message)}`);
  return code;
}
