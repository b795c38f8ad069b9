import { sql } from 'kysely';
import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Note, UpdateNoteInput } from './contract.ts';
import { getNote } from './list-notes.ts';
import { announce, isAuthor, lockNote, noteChange, type NoteWriter } from './note-row.ts';

/**
 * Changes the text of a note of one's own. The same text again changes nothing.
 * @throws {AppError} NOT_FOUND, FORBIDDEN for a note of somebody else
 */
export async function updateNote(ctx: CoreContext, input: UpdateNoteInput, writer: NoteWriter): Promise<Note> {
  await ctx.database.db.transaction().execute(async (tx) => {
    const row = await lockNote(tx, input);
    if (!isAuthor(row, writer)) throw new AppError('FORBIDDEN', 'Only its author may change a note. Write one of your own.');
    const changed = await tx
      .updateTable('outage_note')
      .set({ text: input.text, edited_at: sql<string>`now()` })
      .where('id', '=', input.note_id)
      .where('text', '<>', input.text)
      .returning('id')
      .executeTakeFirst();
    if (changed !== undefined) await noteChange(tx, 'outage.note_edited', { ...input, test_id: row.test_id, by: writer });
  });
  announce(ctx);
  return getNote(ctx, input, writer);
}
