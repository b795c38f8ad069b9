import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addExport } from './export.ts';
import { addImport } from './import.ts';

export function addTransfer(program: Command, session: Session): void {
  addExport(program, session);
  addImport(program, session);
}
