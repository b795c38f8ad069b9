import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { IconButton } from '../../ui/button.tsx';

/** The list with one entry moved by so many places. */
function moved<Entry>(list: readonly Entry[], index: number, by: number): Entry[] {
  const next = [...list];
  const [taken] = next.splice(index, 1);
  if (taken !== undefined) next.splice(index + by, 0, taken);
  return next;
}

interface RowToolsProps<Entry> {
  /** What one entry is called: "action". */
  noun: string;
  index: number;
  list: readonly Entry[];
  onChange(list: Entry[]): void;
}

/** Up, down and away for one entry of an ordered list. */
export function RowTools<Entry>({ noun, index, list, onChange }: RowToolsProps<Entry>) {
  const name = `${noun} ${index + 1}`;
  return (
    <span className="flex">
      <IconButton label={`Move ${name} up`} className="size-7" disabled={index === 0} onClick={() => onChange(moved(list, index, -1))}>
        <ArrowUp aria-hidden className="size-4" />
      </IconButton>
      <IconButton
        label={`Move ${name} down`}
        className="size-7"
        disabled={index === list.length - 1}
        onClick={() => onChange(moved(list, index, 1))}
      >
        <ArrowDown aria-hidden className="size-4" />
      </IconButton>
      <IconButton label={`Remove ${name}`} className="size-7" onClick={() => onChange(list.filter((_, at) => at !== index))}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </span>
  );
}
