import * as z from 'zod';
import { Cursor, Id, limit, text } from '../contract.ts';

export const MAX_NOTE_CHARS = 4000;
/** Of one outage. All of them fit on one page of the list. */
export const MAX_NOTES = 200;

const NoteText = text(MAX_NOTE_CHARS, 1).refine((value) => value.trim() !== '', { error: 'must not be blank' });

/** What somebody wrote about an outage. */
export const Note = z
  .object({
    id: z.string(),
    outage_id: z.string(),
    text: z.string(),
    author_kind: z.enum(['user', 'key', 'open']).describe('`open`: nobody had to sign in.'),
    author_name: z.string().nullable().describe('Of the person or the key.'),
    created_at: z.string(),
    edited_at: z.string().nullable(),
    can_edit: z.boolean().describe('The caller wrote it.'),
    can_delete: z.boolean().describe('The caller wrote it, or is an administrator.'),
  })
  .meta({ id: 'Note' });
export type Note = z.infer<typeof Note>;

const OfOutage = { id: Id.describe('Of the outage.') };
export const ListNotesInput = z.strictObject({ ...OfOutage, limit: limit(100, MAX_NOTES), cursor: Cursor.optional() });
export type ListNotesInput = z.infer<typeof ListNotesInput>;
export const ListNotesOutput = z.object({ items: z.array(Note), next_cursor: z.string().nullable() });
export type ListNotesOutput = z.infer<typeof ListNotesOutput>;
export const CreateNoteInput = z.strictObject({ ...OfOutage, text: NoteText });
export type CreateNoteInput = z.infer<typeof CreateNoteInput>;
export const NoteInput = z.strictObject({ ...OfOutage, note_id: Id });
export type NoteInput = z.infer<typeof NoteInput>;
export const UpdateNoteInput = z.strictObject({ ...NoteInput.shape, text: NoteText });
export type UpdateNoteInput = z.infer<typeof UpdateNoteInput>;
