import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addCreate } from './create.ts';
import { addList } from './list.ts';
import { addRevoke } from './revoke.ts';

export function addKeys(program: Command, session: Session): void {
  const keys = program.command('keys').description('create, list and revoke API keys (needs the role admin)').helpCommand(false);
  for (const add of [addCreate, addList, addRevoke]) add(keys, session);
  keys.addHelpText(
    'after',
    `
Examples:
  $ tidemark keys create --name ci --role operator
  $ tidemark keys list`,
  );
}
