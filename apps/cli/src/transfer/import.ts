import type { ImportInput } from '@tidemark/core/transfer/contract';
import { Option, type Command } from 'commander';
import { readSource } from '../arguments.ts';
import { EXIT } from '../exit-code.ts';
import type { Cli, Session } from '../session.ts';
import { plain } from '../table.ts';

interface ImportOptions {
  format: ImportInput['format'];
  dryRun?: boolean;
}

export function addImport(program: Command, session: Session): void {
  program
    .command('import')
    .description('take monitors over from a file; importing again changes nothing')
    .argument('<file>', 'the file, or "-" for standard input')
    .addOption(new Option('--format <format>', 'what wrote it').choices(['tidemark', 'uptime-kuma', 'gatus']).default('tidemark'))
    .option('--dry-run', 'say what would happen and change nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark import monitors.yaml --dry-run
  $ tidemark import backup.json --format uptime-kuma

Ends with 1 when something was left out.`,
    )
    .action(session.action<ImportOptions>(importFile));
}

async function importFile(cli: Cli, call: { args: readonly string[]; options: ImportOptions }): Promise<number> {
  const content = await readSource(cli.terminal.io, '<file>', call.args[0] ?? '-');
  const answer = await cli.client.transfer.import.mutate({ format: call.options.format, content, dry_run: call.options.dryRun === true });
  const code = answer.skipped.length > 0 ? EXIT.failed : EXIT.ok;
  if (cli.isJson) {
    await cli.terminal.json(answer);
    return code;
  }
  const prefix = answer.is_dry_run ? 'would be: ' : '';
  await cli.terminal.data(
    `${prefix}${answer.created} created, ${answer.updated} updated, ${answer.unchanged} unchanged, ${answer.skipped.length} left out\n`,
  );
  for (const { name, reason } of answer.skipped) await cli.terminal.message(`${plain(name)}: ${plain(reason)}`);
  return code;
}
