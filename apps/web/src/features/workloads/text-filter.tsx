import { Search } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { Field } from '../../ui/field.tsx';
import { workloadSearch } from './search.ts';
import type { WorkloadSearch } from './search.ts';

type Change = (change: WorkloadSearch) => void;

const REST_MS = 350;

interface Draft {
  text: string;
  set(text: string): void;
  applyNow(): void;
}

/** Text that is applied after a short rest. What is typed meanwhile is never taken back by an answer to what was typed before. */
function useDraft(value: string, onApply: (text: string) => void): Draft {
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

interface TextFilterProps {
  label: string;
  name: 'kind' | 'queue' | 'label' | 'worker';
  value: string | undefined;
  onChange: Change;
}

/** Applies only what the contract accepts, and says why it does not accept the rest. */
export function TextFilter({ label, name, value, onChange }: TextFilterProps) {
  const isValid = (text: string): boolean => text === '' || workloadSearch[name].safeParse(text).success;
  const draft = useDraft(value ?? '', (text) => {
    if (isValid(text)) onChange({ [name]: text === '' ? undefined : text });
  });
  const text = draft.text.trim();
  const problem = isValid(text) ? undefined : workloadSearch[name].safeParse(text).error?.issues[0]?.message;
  return (
    <Field label={label} error={problem}>
      {(control) => (
        <input
          {...control}
          className="field w-full"
          value={draft.text}
          onChange={(event) => draft.set(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') draft.applyNow();
          }}
        />
      )}
    </Field>
  );
}

export function SearchBox({ value, onChange }: { value: string | undefined; onChange: Change }) {
  const draft = useDraft(value ?? '', (text) => onChange({ q: text === '' ? undefined : text }));
  return (
    <form
      role="search"
      className="relative min-w-44 flex-1 sm:max-w-80"
      onSubmit={(event) => {
        event.preventDefault();
        draft.applyNow();
      }}
    >
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-mute" />
      <input
        type="search"
        aria-label="Search id and error text"
        placeholder="Id or error text"
        maxLength={200}
        className="field w-full pl-8"
        value={draft.text}
        onChange={(event) => draft.set(event.target.value)}
      />
    </form>
  );
}
