import { useEffect, useEffectEvent, useState } from 'react';

const REST_MS = 350;

export interface DraftText {
  text: string;
  set(text: string): void;
  applyNow(): void;
}

/** Text that is applied after a short rest. What is typed meanwhile is never taken back by an answer to what was typed before. */
export function useDraftText(value: string, onApply: (text: string) => void): DraftText {
  const [state, setState] = useState({ given: value, applied: value, text: value });
  let current = state;
  if (state.given !== value) {
    current = { given: value, applied: value, text: value === state.applied ? state.text : value };
    setState(current);
  }
  const apply = useEffectEvent((text: string) => {
    const next = text.trim();
    if (next === current.applied) return;
    setState({ ...current, applied: next });
    onApply(next);
  });
  const { text } = current;
  useEffect(() => {
    const timer = setTimeout(() => apply(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const applyNow = (): void => {
    const next = current.text.trim();
    setState({ ...current, applied: next });
    onApply(next);
  };
  return { text, set: (next) => setState({ ...current, text: next }), applyNow };
}
