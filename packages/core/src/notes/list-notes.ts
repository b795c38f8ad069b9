import { decodeCursor, encodeCursor } from '../cursors.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ListNotesInput, ListNotesOutput, Note, NoteInput } from './contract.ts';
import { selectNotes, toNote, type NoteWriter } from './note-row.ts';

const LIST = 'notes';

/** The notes of an outage, newest first. @throws {AppError} NOT_FOUND for an outage that does not exist */
export async function listNotes(ctx: CoreContext, input: ListNotesInput, reader: NoteWriter): Promise<ListNotesOutput> {
  const { db } = ctx.database;
  const outage = await db.selectFrom('outage').select('id').where('id', '=', input.id).executeTakeFirst();
  if (outage === undefined) throw notFound('outage', input.id);
  let query = selectNotes(db)
    .where('note.outage_id', '=', input.id)
    .orderBy('note.id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('note.id', '<', decodeCursor(LIST, input.cursor));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => toNote(row, reader)),
    next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor(LIST, last.id) : null,
  };
}

/** One note. @throws {AppError} NOT_FOUND, also when it is about another outage */
export async function getNote(ctx: CoreContext, input: NoteInput, reader: NoteWriter): Promise<Note> {
  const row = await selectNotes(ctx.database.db)
    .where('note.id', '=', input.note_id)
    .where('note.outage_id', '=', input.id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('note', input.note_id);
  return toNote(row, reader);
}
