import type { Command } from 'commander';
import { changeEach } from '../change-each.ts';
import type { Cli, Session } from '../session.ts';
import { describeChanged } from './answers.ts';

export function addCancel(workload: Command, session: Session): void {
  workload
    .command('cancel')
    .description('cancel workloads: a waiting one at once, a running one when its worker has stopped it')
    .argument('<id...>', 'ids of the workloads')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark workload cancel wl_0mb1q2c3d4e5f6g7h8j9
  $ tidemark workload list --status pending --queue nightly --json | jq -r '.items[].id' | xargs tidemark workload cancel`,
    )
    .action(session.action(cancel));
}

function cancel(cli: Cli, call: { args: readonly string[] }): Promise<number> {
  return changeEach(cli, call.args, { ask: (id) => cli.client.workloads.cancel.mutate({ id }), line: describeChanged });
}
