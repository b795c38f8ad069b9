export { createNote } from './create-note.ts';
export { deleteNote } from './delete-note.ts';
export { getNote, listNotes } from './list-notes.ts';
export type { NoteWriter } from './note-row.ts';
export { updateNote } from './update-note.ts';
