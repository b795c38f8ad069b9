import { Deleted } from '@tidemark/core/monitors/contract';
import { createNote, deleteNote, getNote, listNotes, updateNote } from '@tidemark/core/notes';
import type { NoteWriter } from '@tidemark/core/notes';
import { CreateNoteInput, ListNotesInput, ListNotesOutput, Note, NoteInput, UpdateNoteInput } from '@tidemark/core/notes/contract';
import type { ApiContext } from '../trpc.ts';
import { operator, router, shape, viewer } from '../trpc.ts';

/** A key and what it was rotated to are one author. */
function writerOf({ actor }: ApiContext): NoteWriter {
  const { kind, id, key_family, name, role } = actor;
  return { kind: kind === 'anonymous' ? 'open' : kind, id: key_family ?? id, name, is_admin: role === 'admin' };
}

export const notesRouter = router({
  list: viewer({ method: 'GET', path: '/v1/outages/{id}/notes', summary: 'List the notes on an outage, newest first' })
    .input(ListNotesInput)
    .output(shape(ListNotesOutput))
    .query(({ ctx, input }) => listNotes(ctx.core, input, writerOf(ctx))),

  get: viewer({ method: 'GET', path: '/v1/outages/{id}/notes/{note_id}', summary: 'Get a note on an outage' })
    .input(NoteInput)
    .output(shape(Note))
    .query(({ ctx, input }) => getNote(ctx.core, input, writerOf(ctx))),

  create: operator({
    method: 'POST',
    path: '/v1/outages/{id}/notes',
    status: 201,
    summary: 'Write a note on an outage',
    description: 'Plain text. Outages that are over take notes too.',
    examples: { input: { text: 'The payment provider confirms it. They expect to be back at 14:00 UTC.' } },
  })
    .input(CreateNoteInput)
    .output(shape(Note))
    .mutation(({ ctx, input }) => createNote(ctx.core, input, writerOf(ctx))),

  update: operator({ method: 'PATCH', path: '/v1/outages/{id}/notes/{note_id}', summary: 'Change a note of your own' })
    .input(UpdateNoteInput)
    .output(shape(Note))
    .mutation(({ ctx, input }) => updateNote(ctx.core, input, writerOf(ctx))),

  remove: operator({
    method: 'DELETE',
    path: '/v1/outages/{id}/notes/{note_id}',
    summary: 'Delete a note of your own',
    description: 'An administrator may delete any.',
  })
    .input(NoteInput)
    .output(shape(Deleted))
    .mutation(({ ctx, input }) => deleteNote(ctx.core, input, writerOf(ctx))),
});
