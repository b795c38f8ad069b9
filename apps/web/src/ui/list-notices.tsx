import { useState } from 'react';
import { arrival, droppedKeys } from '../lib/search.ts';
import { WarningStrip } from './notice.tsx';

/** Rows never move under the reader: what is new waits here for consent. */
export function NewRows({ text, onShow }: { text: string | null; onShow(): void }) {
  return (
    <div role="status" className="contents">
      {text !== null && (
        <button
          type="button"
          onClick={onShow}
          className="block w-full border-b border-line bg-accent/10 py-1.5 text-center text-sm font-medium text-accent -outline-offset-2 hover:bg-accent/15"
        >
          {text}
        </button>
      )}
    </div>
  );
}

/** Says what of the address a list did not understand, until the address changes. */
export function Dropped({ path, search }: { path: string; search: Record<string, unknown> }) {
  const asked = JSON.stringify(search);
  const [first] = useState(asked);
  const isArrival = arrival.path === path && asked === first;
  const dropped = isArrival ? droppedKeys(arrival.search, search) : [];
  if (dropped.length === 0) return null;
  return (
    <WarningStrip>The address asked for something this list does not know and was read without it: {dropped.join(', ')}.</WarningStrip>
  );
}
