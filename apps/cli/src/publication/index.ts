import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addChanges } from './change.ts';
import { addCreate } from './create.ts';
import { addGet } from './get.ts';
import { addImport } from './import.ts';
import { addList } from './list.ts';

export function addPublication(program: Command, session: Session): void {
  const publication = program.command('publication').description('publish clips and see what became of them').helpCommand(false);
  for (const add of [addCreate, addList, addGet, addChanges, addImport]) add(publication, session);
  publication.addHelpText(
    'after',
    `
Examples:
  $ tidemark publication create clip_0mb1q2c3d4e5f6g7h8j9 tiktok acme --at 2026-12-01T12:00:00Z
  $ tidemark publication list --status failed
  $ tidemark publication import plan.csv --dry-run`,
  );
}
