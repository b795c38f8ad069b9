import type { Command } from 'commander';
import { addRun } from './run.ts';
import type { Session } from '../session.ts';
import { addGet } from './get.ts';
import { addList } from './list.ts';

/** `tidemark worker` runs an agent; `list` and `get` look at the agents there are. */
export function addWorker(program: Command, session: Session): void {
  const worker = addRun(program, session);
  for (const add of [addList, addGet]) add(worker, session);
}
