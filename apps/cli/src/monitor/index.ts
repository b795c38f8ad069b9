import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addCreate } from './create.ts';
import { addList } from './list.ts';
import { addResults } from './results.ts';
import { addRun } from './run.ts';
import { addUptime } from './uptime.ts';

export function addMonitor(program: Command, session: Session): void {
  const monitor = program.command('monitor').description('watch addresses and see how they were').helpCommand(false);
  for (const add of [addCreate, addRun, addResults, addUptime, addList]) add(monitor, session);
  monitor.addHelpText(
    'after',
    `
Examples:
  $ tidemark monitor create Shop https://example.com --every 1m
  $ tidemark monitor list --result failed
  $ tidemark monitor uptime tst_0mb1q2c3d4e5f6g7h8j9 --hours 720`,
  );
}
