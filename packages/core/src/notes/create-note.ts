import { AppError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { MAX_NOTES, type CreateNoteInput, type Note } from './contract.ts';
import { getNote } from './list-notes.ts';
import { announce, noteChange, type NoteWriter } from './note-row.ts';

/**
 * Writes a note on an outage, whether it goes on or is over.
 * @throws {AppError} NOT_FOUND, CONFLICT when the outage has as many as it may
 */
export async function createNote(ctx: CoreContext, input: CreateNoteInput, writer: NoteWriter): Promise<Note> {
  const at = { id: input.id, note_id: newId('note', ctx.now()) };
  await ctx.database.db.transaction().execute(async (tx) => {
    const outage = await tx.selectFrom('outage').select('test_id').where('id', '=', input.id).forUpdate().executeTakeFirst();
    if (outage === undefined) throw notFound('outage', input.id);
    const { count } = await tx
      .selectFrom('outage_note')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('outage_id', '=', input.id)
      .executeTakeFirstOrThrow();
    if (count >= MAX_NOTES) throw new AppError('CONFLICT', `This outage has ${MAX_NOTES} notes, and no more fit. Edit one of yours.`);
    const { kind: author_kind, id: author_id, name: author_name } = writer;
    await tx
      .insertInto('outage_note')
      .values({ id: at.note_id, outage_id: at.id, text: input.text, author_kind, author_id, author_name })
      .execute();
    await noteChange(tx, 'outage.note_added', { ...at, test_id: outage.test_id, by: writer });
  });
  announce(ctx);
  return getNote(ctx, at, writer);
}
