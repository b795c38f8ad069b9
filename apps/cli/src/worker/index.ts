import type { Command } from 'commander';
import { addRun } from './run.ts';
import type { Session } from '../session.ts';
import { addChanges } from './change.ts';
import { addGet } from './get.ts';
import { addHistory } from './history.ts';
import { addList } from './list.ts';
import { addThroughput } from './throughput.ts';

/** `tidemark worker` runs an agent; its subcommands look at the agents there are and decide about them. */
export function addWorker(program: Command, session: Session): void {
  const worker = addRun(program, session);
  for (const add of [addList, addGet, addHistory, addThroughput, addChanges]) add(worker, session);
}
