import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addCancel } from './cancel.ts';
import { addGet } from './get.ts';
import { addList } from './list.ts';
import { addRetry } from './retry.ts';
import { addSubmit } from './submit.ts';
import { addTail } from './tail.ts';

export function addWorkload(program: Command, session: Session): void {
  const workload = program.command('workload').description('submit work, look at it, and act on it').helpCommand(false);
  for (const add of [addSubmit, addList, addGet, addTail, addCancel, addRetry]) add(workload, session);
  workload.addHelpText(
    'after',
    `
Examples:
  $ tidemark workload submit --wait -- echo hello
  $ tidemark workload list --status failed --limit 10
  $ tidemark workload tail wl_0mb1q2c3d4e5f6g7h8j9`,
  );
}
