import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { MAX_NOTE_CHARS, type Note } from '@tidemark/core/notes/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount } from '../../lib/format.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { FullMoment } from '../../ui/time.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { refresh, refused } from './actions.tsx';

/** From here on a writer is told how much room is left. */
const NEAR_THE_END = 500;

interface EditorProps {
  label: string;
  action: string;
  start?: string;
  save(text: string): Promise<unknown>;
  onSaved?(): void;
  onCancel?(): void;
}

/** What is written stays when it could not be saved, and is not lost unasked. */
function Editor({ label, action, start = '', save, onSaved, onCancel }: EditorProps) {
  const [text, setText] = useState(start);
  const { question } = useUnsaved(text);
  const saving = useMutation({
    mutationFn: () => save(text),
    onSuccess: async () => {
      await refresh();
      setText(start);
      onSaved?.();
    },
  });
  const room = MAX_NOTE_CHARS - text.length;
  const isReady = text.trim() !== '' && text !== start && !saving.isPending;
  const submit = (): void => {
    if (isReady) saving.mutate();
  };
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {question}
      {saving.error !== null && <FailureStrip what="It was not saved." failure={toFailure(saving.error)} />}
      <Field label={label} hint={room <= NEAR_THE_END ? `Room for ${formatCount(room)} more characters` : undefined}>
        {(control) => (
          <textarea
            {...control}
            rows={3}
            maxLength={MAX_NOTE_CHARS}
            className="field w-full"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
            }}
          />
        )}
      </Field>
      <div className="flex flex-wrap justify-end gap-2">
        {onCancel !== undefined && (
          <Button size="small" onClick={onCancel}>
            Leave it as it was
          </Button>
        )}
        <Button type="submit" size="small" variant="primary" disabled={!isReady}>
          {action}
        </Button>
      </div>
    </form>
  );
}

/** Where a person writes a note on an outage, also on one that is over. */
export function NewNote({ outageId }: { outageId: string }) {
  return (
    <div className="border-t border-line px-4 py-3">
      <Editor label="Add a note" action="Add note" save={(text) => client.outages.notes.create.mutate({ id: outageId, text })} />
    </div>
  );
}

function authorOf({ author_kind: kind, author_name: name }: Note): string {
  if (name === null) return kind === 'key' ? 'A key' : 'Somebody';
  return kind === 'key' ? `Key ${name}` : name;
}

function Remove({ note }: { note: Note }) {
  const removing = useMutation({
    mutationFn: () => client.outages.notes.remove.mutate({ id: note.outage_id, note_id: note.id }),
    onSuccess: refresh,
    onError: refused('Could not delete it'),
  });
  return (
    <Confirm
      title="Delete this note?"
      action="Delete note"
      dismiss="Keep it"
      isDangerous
      onConfirm={() => removing.mutate()}
      trigger={
        <Button variant="quiet" size="small" disabled={removing.isPending} aria-label={`Delete the note of ${authorOf(note)}`}>
          Delete
        </Button>
      }
    >
      It is gone for everybody. That it was there, and who deleted it, stays in the audit log.
    </Confirm>
  );
}

/** A note as it was written, with its author, its time and what the reader may do about it. */
export function NoteEntry({ note }: { note: Note }) {
  const [isEdited, setIsEdited] = useState(false);
  const at = { id: note.outage_id, note_id: note.id };
  return (
    <article aria-label={`Note of ${authorOf(note)}`} className="min-w-0 text-sm">
      <p className="font-medium break-words">{authorOf(note)}</p>
      {isEdited ? (
        <Editor
          label="Text of the note"
          action="Save note"
          start={note.text}
          save={(text) => client.outages.notes.update.mutate({ ...at, text })}
          onSaved={() => setIsEdited(false)}
          onCancel={() => setIsEdited(false)}
        />
      ) : (
        <p className="mt-0.5 break-words whitespace-pre-wrap">{note.text}</p>
      )}
      <div className="mt-0.5 flex flex-wrap items-center gap-x-1.5 text-xs text-ink-mute">
        <FullMoment at={note.created_at} />
        {note.edited_at !== null && (
          <span>
            · edited <FullMoment at={note.edited_at} />
          </span>
        )}
        <span className="-my-1 ml-auto flex">
          {note.can_edit && !isEdited && (
            <Button variant="quiet" size="small" aria-label={`Edit the note of ${authorOf(note)}`} onClick={() => setIsEdited(true)}>
              Edit
            </Button>
          )}
          {note.can_delete && <Remove note={note} />}
        </span>
      </div>
    </article>
  );
}
