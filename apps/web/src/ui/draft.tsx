import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { WarningStrip } from './notice.tsx';
import { useUnsaved } from './unsaved.tsx';
import type { Unsaved } from './unsaved.tsx';

export interface Draft<Value> {
  draft: Value;
  setDraft(next: Value | ((last: Value) => Value)): void;
  unsaved: Unsaved;
  /** Stands above the fields: says that what is edited was changed meanwhile, and offers it. */
  notice: ReactNode;
}

/** All three as JSON, but for the draft itself. */
interface State<Value> {
  /** What was read last. */
  read: string;
  /** What the edits began with. */
  base: string;
  draft: Value;
}

/**
 * What a form edits of something that is read again and again. As long as it is as it was read, it follows; edits are never taken
 * back by an answer. What came meanwhile is told instead, since saving would undo it.
 */
export function useDraft<Value>(value: Value): Draft<Value> {
  const read = JSON.stringify(value);
  const [state, setState] = useState<State<Value>>({ read, base: read, draft: value });
  let current = state;
  if (read !== state.read) {
    const now = JSON.stringify(state.draft);
    const isFree = now === state.base || now === read;
    current = isFree ? { read, base: read, draft: value } : { ...state, read };
    setState(current);
  }
  const { base, draft } = current;
  const form = useUnsaved(draft, base);
  const settle = (): void => {
    form.settle();
    setState((last) => ({ ...last, base: JSON.stringify(draft) }));
  };
  const isEdited = JSON.stringify(draft) !== base;
  const notice =
    !isEdited || read === base ? null : (
      <WarningStrip>
        This was changed elsewhere while you edited it; saving puts your version in its place.{' '}
        <Button size="small" onClick={() => setState({ read, base: read, draft: value })}>
          Take what is saved
        </Button>
      </WarningStrip>
    );
  return {
    draft,
    setDraft: (next) =>
      setState((last) => ({ ...last, draft: typeof next === 'function' ? (next as (last: Value) => Value)(last.draft) : next })),
    unsaved: { question: form.question, settle },
    notice,
  };
}
