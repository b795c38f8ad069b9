import { useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { readCurl } from './read-curl.ts';
import type { CurlReading, CurlRequest } from './read-curl.ts';

interface CurlBoxProps {
  label: string;
  /** Open from the start, to be typed into at once. */
  isOpen?: boolean;
  /** "Fill in the step". */
  action: string;
  onRead(request: CurlRequest): void;
}

function Told({ request, notes }: Extract<CurlReading, { ok: true }>) {
  return (
    <div className="flex flex-col gap-1 text-sm">
      <p>
        Filled in: <span className="font-mono text-xs break-all">{`${request.method} ${request.url}`}</span>
      </p>
      {notes.length > 0 && (
        <ul className="list-disc pl-5 text-ink-soft">
          {notes.map((note) => (
            <li key={note} className="break-words">
              {note}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Takes a curl command, and says what of it a step cannot do. */
export function CurlBox({ label, isOpen = false, action, onRead }: CurlBoxProps) {
  const [text, setText] = useState('');
  const [reading, setReading] = useState<CurlReading | null>(null);
  const read = (): void => {
    const found = readCurl(text);
    setReading(found);
    if (found.ok) onRead(found.request);
  };
  return (
    <details open={isOpen || undefined} className="rounded-lg border border-line px-3 py-2">
      <summary className="cursor-pointer rounded-sm text-sm text-ink-soft hover:text-ink">{label}</summary>
      <div className="mt-2 flex flex-col gap-2">
        <Field
          label="Command"
          hint="From a terminal, a manual, or “Copy as cURL (bash)” in a browser"
          error={reading?.ok === false ? reading.problem : undefined}
        >
          {(control) => (
            <textarea
              {...control}
              rows={4}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- somebody asked to paste a command, and comes after the drawer's own focus
              autoFocus={isOpen}
              spellCheck={false}
              className="field w-full font-mono text-xs"
              placeholder="curl https://example.com/health -H 'authorization: Bearer …'"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setReading(null);
              }}
            />
          )}
        </Field>
        <Button size="small" className="w-fit" disabled={text.trim() === ''} onClick={read}>
          {action}
        </Button>
        <div role="status">{reading?.ok === true && <Told {...reading} />}</div>
      </div>
    </details>
  );
}
