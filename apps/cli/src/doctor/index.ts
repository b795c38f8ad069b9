import type { Command } from 'commander';
import { EXIT } from '../exit-code.ts';
import type { Cli, Session } from '../session.ts';
import type { Check, CheckStatus } from './check.ts';
import { checkNode, checkPrograms } from './machine.ts';
import { checkServer } from './server.ts';

export function addDoctor(program: Command, session: Session): void {
  program
    .command('doctor')
    .description('check this machine and the server, and say what to do about what is wrong')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark doctor
  $ tidemark doctor --url http://control.internal:3000 --json

One line per check: ok, warn (it works, but look) or fail. Ends with 1 when something fails.`,
    )
    .action(session.action(doctor));
}

const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<CheckStatus, string>;
const STATUS_WIDTH = 4;

async function doctor(cli: Cli): Promise<number> {
  const [programs, server] = await Promise.all([checkPrograms(cli.terminal.io.env), checkServer(cli)]);
  const checks = [checkNode(process.versions.node), ...server, ...programs];
  const isWell = checks.every((check) => check.status !== 'fail');
  if (cli.isJson) await cli.terminal.json({ ok: isWell, checks });
  else await cli.terminal.data(renderChecks(cli, checks));
  return isWell ? EXIT.ok : EXIT.failed;
}

function renderChecks(cli: Cli, checks: readonly Check[]): string {
  const longest = Math.max(...checks.map((check) => check.name.length));
  return checks
    .map((check) => {
      const status = cli.terminal.style(STYLES[check.status], check.status.padEnd(STATUS_WIDTH));
      return `${status}  ${check.name.padEnd(longest)}  ${check.message}${check.cure === null ? '' : `. ${check.cure}`}\n`;
    })
    .join('');
}
