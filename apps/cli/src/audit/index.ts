import type { Command } from 'commander';
import { EXIT } from '../exit-code.ts';
import type { Cli, Session } from '../session.ts';

export function addAudit(program: Command, session: Session): void {
  const audit = program.command('audit').description('check the audit log (needs the role admin)').helpCommand(false);
  audit.addHelpText('after', '\nExamples:\n  $ tidemark audit verify');
  audit
    .command('verify')
    .description('check that no entry was edited, removed or added by hand; ends with 1 when one was')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark audit verify
  $ tidemark audit verify --json | jq -r .head_hash`,
    )
    .action(session.action(verify));
}

async function verify(cli: Cli): Promise<number> {
  const found = await cli.client.audit.verify.query({});
  const code = found.is_intact ? EXIT.ok : EXIT.failed;
  if (cli.isJson) {
    await cli.terminal.json(found);
    return code;
  }
  const verdict = found.is_intact ? 'intact' : `broken at position ${found.broken_at} (${found.problem})`;
  await cli.terminal.data(`${verdict}: ${found.checked_count} entries checked, last hash ${found.head_hash}\n`);
  return code;
}
