import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { notFound } from '../errors.ts';
import { appendEvent } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { MONITORS_TOPIC } from '../runs/index.ts';
import type { Note, NoteInput } from './contract.ts';

/** Who reads or writes. `id` of a key is that of the first of its line, so that a rotated key still has its notes. */
export interface NoteWriter {
  readonly kind: Note['author_kind'];
  readonly id: string | null;
  readonly name: string | null;
  readonly is_admin: boolean;
}

/** Notes with the name their author goes by today, or went by when there is no such account any more. */
export function selectNotes(db: Kysely<Database>) {
  return db
    .selectFrom('outage_note as note')
    .leftJoin('user_account as author', (join) => join.onRef('author.id', '=', 'note.author_id').on('note.author_kind', '=', 'user'))
    .select(['note.id', 'note.outage_id', 'note.text', 'note.author_kind', 'note.author_id', 'note.created_at', 'note.edited_at'])
    .select((select) => select.fn.coalesce('author.name', 'note.author_name').as('author_name'));
}

type Row = Awaited<ReturnType<ReturnType<typeof selectNotes>['executeTakeFirstOrThrow']>>;

export function isAuthor(row: Pick<Row, 'author_kind' | 'author_id'>, writer: NoteWriter): boolean {
  return row.author_kind === writer.kind && row.author_id === writer.id;
}

/** The note as the contract shows it to a reader. */
export function toNote({ author_id, ...row }: Row, reader: NoteWriter): Note {
  const can_edit = isAuthor({ ...row, author_id }, reader);
  return { ...row, can_edit, can_delete: can_edit || reader.is_admin };
}

/** The author of a note that is about to change, and the monitor it is about. @throws {AppError} NOT_FOUND */
export async function lockNote(
  tx: Transaction<Database>,
  { id, note_id }: NoteInput,
): Promise<Pick<Row, 'author_kind' | 'author_id'> & { test_id: string }> {
  const row = await tx
    .selectFrom('outage_note as note')
    .innerJoin('outage', 'outage.id', 'note.outage_id')
    .select(['note.author_kind', 'note.author_id', 'outage.test_id'])
    .where('note.id', '=', note_id)
    .where('note.outage_id', '=', id)
    .forUpdate('note')
    .executeTakeFirst();
  if (row === undefined) throw notFound('note', note_id);
  return row;
}

/** Writes the event of a change; its text stays out of the log, which keeps what a person may want to take back. */
export function noteChange(
  tx: Transaction<Database>,
  type: 'outage.note_added' | 'outage.note_edited' | 'outage.note_deleted',
  change: NoteInput & { test_id: string; by: NoteWriter },
): Promise<void> {
  const { id, test_id, note_id, by } = change;
  return appendEvent(tx, MONITORS_TOPIC, [{ type, id, test_id, note_id, by: by.id ?? 'anyone' }]);
}

export function announce(ctx: CoreContext): void {
  ctx.hub.publish([MONITORS_TOPIC]);
}
