import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useBlocker } from '@tanstack/react-router';
import type { ShouldBlockFn } from '@tanstack/react-router';
import { createContext, useCallback, useContext, useId, useLayoutEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Question } from './confirm.tsx';

type Leave = () => void;
/** By form: asks, and leaves when it may. */
type Asks = Map<string, (leave: Leave) => void>;

/** Forms whose edits are not saved, the one edited last at the end: it asks for all of them. */
const edited = new Set<string>();

/** The forms of a dialog or drawer. */
export const CloseAsks = createContext<Asks | null>(null);

/** The way out of a dialog or drawer, which asks first when a form in it has edits. */
export function useGuardedClose(onClose: Leave): { asks: Asks; close: Leave } {
  const [asks] = useState<Asks>(() => new Map());
  const close = (): void => {
    const ask = [...asks.values()].at(-1);
    if (ask === undefined) onClose();
    else ask(onClose);
  };
  return { asks, close };
}

/** What of a search shows and hides forms; the rest filters what stands beside them. */
const PLACES = ['panel', 'tab', 'edit'];

function isElsewhere({ current, next }: Parameters<ShouldBlockFn>[0]): boolean {
  const [before, after]: Record<string, unknown>[] = [current.search, next.search];
  return current.pathname !== next.pathname || PLACES.some((key) => before?.[key] !== after?.[key]);
}

export interface Unsaved {
  /** What the form held when this was drawn is saved: it can be left, at once. */
  settle(): void;
  /** Asks before edits are lost; stands anywhere in the form. */
  question: ReactNode;
}

/**
 * Keeps the edits of a form from being lost unasked: when its dialog closes, the page changes, or the tab is closed or loaded again.
 * `base` is what it edits, where that may change under it.
 */
export function useUnsaved(draft: unknown, base?: string): Unsaved {
  const id = useId();
  const asks = useContext(CloseAsks);
  const now = JSON.stringify(draft);
  const [settled, setSettled] = useState(now);
  const saved = base ?? settled;
  const [leave, setLeave] = useState<Leave | null>(null);
  const isEdited = now !== saved;
  const release = useCallback((): void => {
    edited.delete(id);
    asks?.delete(id);
  }, [id, asks]);
  // Before the effects of whatever takes the place of a form that goes: its way is free.
  useLayoutEffect(() => {
    if (now === saved) return undefined;
    edited.add(id);
    asks?.set(id, (next) => setLeave(() => next));
    return release;
  }, [id, asks, now, saved, release]);
  const blocker = useBlocker({
    shouldBlockFn: useCallback<ShouldBlockFn>((move) => [...edited].at(-1) === id && isElsewhere(move), [id]),
    enableBeforeUnload: useCallback(() => edited.has(id), [id]),
    disabled: !isEdited,
    withResolver: true,
  });
  const keep = (): void => {
    setLeave(null);
    blocker.reset?.();
  };
  const discard = (): void => {
    release();
    setLeave(null);
    leave?.();
    blocker.proceed?.();
  };
  const settle = (): void => {
    release();
    setSettled(now);
  };
  const question = (
    <AlertDialog.Root open={leave !== null || blocker.status === 'blocked'} onOpenChange={(isOpen) => !isOpen && keep()}>
      <Question
        title="Discard your changes?"
        dismiss="Keep editing"
        action={
          <Button variant="danger" onClick={discard}>
            Discard changes
          </Button>
        }
      >
        They are not saved yet.
      </Question>
    </AlertDialog.Root>
  );
  return { settle, question };
}
