import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addChange } from './change.ts';
import { addList } from './list.ts';
import { addSet } from './set.ts';

export function addSecret(program: Command, session: Session): void {
  const secret = program
    .command('secret')
    .description('keep secrets that jobs, monitors and connectors refer to by name')
    .helpCommand(false);
  for (const add of [addSet, addList, addChange]) add(secret, session);
  secret.addHelpText(
    'after',
    `
Examples:
  $ tidemark secret set API_TOKEN < token.txt
  $ tidemark workload submit --env 'TOKEN={{secret.API_TOKEN}}' -- /opt/report.sh`,
  );
}
