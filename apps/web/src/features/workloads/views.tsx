import { Bookmark, X } from 'lucide-react';
import { useState } from 'react';
import * as z from 'zod';
import { createStored, useStored } from '../../lib/stored.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { cn } from '../../ui/class-names.ts';
import { Field } from '../../ui/field.tsx';
import { Popover, PopoverClose } from '../../ui/popover.tsx';
import { lenient } from '../../lib/search.ts';
import { FILTER_KEYS, workloadSearch } from './search.ts';
import type { WorkloadSearch } from './search.ts';

const View = z.object({ name: z.string().min(1).max(60), filters: z.record(z.string(), z.string()) });
type View = z.infer<typeof View>;
const MAX_VIEWS = 100;

const views = createStored<View[]>('workloads.views', (raw) => z.array(View).safeParse(raw).data ?? []);

/** The filters of an address and nothing else. */
function filtersOf(search: WorkloadSearch): Record<string, string> {
  return Object.fromEntries(FILTER_KEYS.flatMap((key) => (search[key] === undefined ? [] : [[key, search[key]]])));
}

/** Every filter said, those a view leaves out as none; what this version does not know is dropped. */
function toChange(view: View): WorkloadSearch {
  const known = lenient(workloadSearch)(view.filters);
  return Object.fromEntries(FILTER_KEYS.map((key) => [key, known[key]]));
}

function isSame(left: Record<string, string>, right: Record<string, string>): boolean {
  return FILTER_KEYS.every((key) => left[key] === right[key]);
}

function SaveForm({ filters }: { filters: Record<string, string> }) {
  const [name, setName] = useState('');
  const saved = useStored(views);
  const trimmed = name.trim();
  return (
    <form
      className="flex items-end gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed === '') return;
        views.set([...saved.filter((view) => view.name !== trimmed), { name: trimmed, filters }].slice(-MAX_VIEWS));
        setName('');
      }}
    >
      <Field label="Save these filters as" className="flex-1">
        {(control) => (
          <input {...control} className="field w-full" maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Button type="submit" disabled={trimmed === '' || Object.keys(filters).length === 0}>
        Save
      </Button>
    </form>
  );
}

/** Filters kept under a name in this browser; the address they lead to can be shared with anybody. */
export function Views({ search, onChange }: { search: WorkloadSearch; onChange(change: WorkloadSearch): void }) {
  const saved = useStored(views);
  const filters = filtersOf(search);
  const current = Object.keys(filters).length === 0 ? undefined : saved.find((view) => isSame(view.filters, filters));
  return (
    <Popover
      label="Views"
      trigger={
        <Button aria-label={current === undefined ? 'Views' : `Views: ${current.name}`}>
          <Bookmark aria-hidden className={cn('size-4', current === undefined ? 'text-ink-mute' : 'text-accent')} />
          <span className="max-w-32 truncate">{current?.name ?? 'Views'}</span>
        </Button>
      }
    >
      <div className="flex w-72 flex-col gap-3">
        {saved.length === 0 && <p className="text-sm text-ink-soft">No view yet. Set filters, then keep them here under a name.</p>}
        {saved.length > 0 && (
          <ul className="flex max-h-64 flex-col overflow-y-auto">
            {saved.map((view) => (
              <li key={view.name} className="flex items-center gap-1">
                <PopoverClose
                  control={
                    <Button
                      variant="quiet"
                      className={cn('min-w-0 flex-1 justify-start', view === current && 'bg-sunken text-ink')}
                      onClick={() => onChange(toChange(view))}
                    >
                      <span className="truncate">{view.name}</span>
                    </Button>
                  }
                />
                <IconButton
                  label={`Remove view ${view.name}`}
                  className="size-7"
                  onClick={() => views.set(saved.filter((other) => other.name !== view.name))}
                >
                  <X aria-hidden className="size-4" />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        <SaveForm filters={filters} />
      </div>
    </Popover>
  );
}
