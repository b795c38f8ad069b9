import type { Command } from 'commander';
import { EXIT } from '../exit-code.ts';
import type { Cli, Session } from '../session.ts';
import { runLine } from './result-style.ts';

export function addRun(monitor: Command, session: Session): void {
  monitor
    .command('run')
    .description('run a monitor now and wait for its result')
    .argument('<id>', 'id of the monitor')
    .option('--detach', 'print the id of the run and end at once')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark monitor run tst_0mb1q2c3d4e5f6g7h8j9
  $ tidemark monitor run tst_0mb1q2c3d4e5f6g7h8j9 --detach

Ends with 0 when the run passed and with 1 when it failed.`,
    )
    .action(session.action<{ detach?: boolean }>(run));
}

async function run(cli: Cli, call: { args: readonly string[]; options: { detach?: boolean } }): Promise<number> {
  const answer = await cli.client.monitors.run.mutate({ test_id: call.args[0] ?? '', wait: call.options.detach !== true });
  if (!('passed' in answer)) {
    await (cli.isJson ? cli.terminal.json(answer) : cli.terminal.data(`${answer.run_id}\n`));
    return EXIT.ok;
  }
  await (cli.isJson ? cli.terminal.json(answer) : cli.terminal.data(runLine(cli, answer)));
  return answer.passed ? EXIT.ok : EXIT.failed;
}
