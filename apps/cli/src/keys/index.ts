import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addCreate } from './create.ts';
import { addList } from './list.ts';
import { addRevoke } from './revoke.ts';
import { addRotate } from './rotate.ts';

export function addKeys(program: Command, session: Session): void {
  const keys = program.command('keys').description('create, list, rotate and revoke API keys (needs the role admin)').helpCommand(false);
  for (const add of [addCreate, addList, addRotate, addRevoke]) add(keys, session);
  keys.addHelpText(
    'after',
    `
Examples:
  $ tidemark keys create --name ci --role operator
  $ tidemark keys list`,
  );
}
