import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { NoteInput } from './contract.ts';
import { announce, isAuthor, lockNote, noteChange, type NoteWriter } from './note-row.ts';

/**
 * Removes a note of one's own; an administrator may remove any, since what is written may have to go.
 * @throws {AppError} NOT_FOUND, FORBIDDEN for a note of somebody else
 */
export async function deleteNote(ctx: CoreContext, input: NoteInput, writer: NoteWriter): Promise<{ id: string; deleted: true }> {
  await ctx.database.db.transaction().execute(async (tx) => {
    const row = await lockNote(tx, input);
    if (!isAuthor(row, writer) && !writer.is_admin)
      throw new AppError('FORBIDDEN', 'Only its author or an administrator may delete a note.');
    await tx.deleteFrom('outage_note').where('id', '=', input.note_id).execute();
    await noteChange(tx, 'outage.note_deleted', { ...input, test_id: row.test_id, by: writer });
  });
  announce(ctx);
  return { id: input.note_id, deleted: true };
}
