import { Search } from 'lucide-react';
import { useDraftText } from '../lib/draft-text.ts';

interface SearchBoxProps {
  /** What is searched: "Search id and error text". */
  label: string;
  placeholder: string;
  value: string | undefined;
  /** Undefined when the box was emptied. */
  onChange(text: string | undefined): void;
}

/** Free text of a list; `/` leads to it. */
export function SearchBox({ label, placeholder, value, onChange }: SearchBoxProps) {
  const draft = useDraftText(value ?? '', (text) => onChange(text === '' ? undefined : text));
  return (
    <form
      role="search"
      aria-label={label}
      className="relative min-w-44 flex-1 sm:max-w-80"
      onSubmit={(event) => {
        event.preventDefault();
        draft.applyNow();
      }}
    >
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-mute" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        maxLength={200}
        className="field w-full pl-8"
        value={draft.text}
        onChange={(event) => draft.set(event.target.value)}
      />
    </form>
  );
}
