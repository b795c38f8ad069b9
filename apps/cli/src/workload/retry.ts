import type { Command } from 'commander';
import { changeEach } from '../change-each.ts';
import type { Cli, Session } from '../session.ts';
import { describeChanged } from './answers.ts';

interface RetryOptions {
  checkpoint: boolean;
}

export function addRetry(workload: Command, session: Session): void {
  workload
    .command('retry')
    .description('queue failed or cancelled workloads again, with a new attempt budget')
    .argument('<id...>', 'ids of the workloads')
    .option('--no-checkpoint', 'start over instead of going on from the last checkpoint')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark workload retry wl_0mb1q2c3d4e5f6g7h8j9
  $ tidemark workload retry wl_0mb1q2c3d4e5f6g7h8j9 --no-checkpoint`,
    )
    .action(session.action<RetryOptions>(retry));
}

function retry(cli: Cli, call: { args: readonly string[]; options: RetryOptions }): Promise<number> {
  return changeEach(cli, call.args, {
    ask: (id) => cli.client.workloads.retry.mutate({ id, keep_checkpoint: call.options.checkpoint }),
    line: describeChanged,
  });
}
