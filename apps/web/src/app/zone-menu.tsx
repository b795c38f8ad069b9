import { Globe } from 'lucide-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useStored } from '../lib/stored.ts';
import { listZones, resolveZone, zone } from '../lib/zone.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Popover } from '../ui/popover.tsx';
import { cn } from '../ui/class-names.ts';

const PINNED = [
  { value: 'browser', label: 'This browser' },
  { value: 'UTC', label: 'UTC' },
];

function shortName(name: string): string {
  return (name.split('/').at(-1) ?? name).replaceAll('_', ' ');
}

interface ZonesProps {
  options: readonly { value: string; label: string }[];
  choice: string;
  onChoose(value: string): void;
}

function Zones({ options, choice, onChoose }: ZonesProps) {
  return (
    <div role="radiogroup" aria-label="Time zone" className="mt-2 flex flex-col">
      {options.map((option) => (
        <label
          key={option.value}
          className={cn(
            'flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-sm hover:bg-sunken',
            option.value === choice && 'font-semibold',
          )}
        >
          <input
            type="radio"
            name="zone"
            className="size-4 accent-accent"
            checked={option.value === choice}
            onChange={() => onChoose(option.value)}
          />
          <span className="flex-1">{option.label}</span>
          {option.value === 'browser' && <span className="text-xs font-normal text-ink-mute">{resolveZone('browser')}</span>}
        </label>
      ))}
    </div>
  );
}

/** Every time on every page is shown in the zone chosen here; only how it is shown changes. */
export function ZoneMenu() {
  const choice = useStored(zone);
  const navigate = useNavigate();
  // An address that names a zone would bring it back on the next reading.
  const choose = (value: string): void => {
    zone.set(value);
    void navigate({ to: '.', search: (last) => ({ ...last, tz: undefined }), replace: true });
  };
  const [query, setQuery] = useState('');
  const resolved = resolveZone(choice);
  const needle = query.trim().toLowerCase().replaceAll(' ', '_');
  const found =
    needle === ''
      ? []
      : listZones()
          .filter((name) => name.toLowerCase().includes(needle))
          .slice(0, 8);
  const others = choice !== 'browser' && choice !== 'UTC' && found.length === 0 ? [choice] : found;
  const options = [...PINNED, ...others.map((name) => ({ value: name, label: name.replaceAll('_', ' ') }))];
  return (
    <Popover
      label="Time zone"
      trigger={
        <Button variant="quiet" aria-label={`Time zone: ${resolved}`} title={resolved}>
          <Globe aria-hidden className="size-4" />
          <span className="hidden lg:inline">{shortName(resolved)}</span>
        </Button>
      }
    >
      <Field label="Show times in">
        {(control) => (
          <input
            {...control}
            className="field w-60"
            type="search"
            placeholder="Find a city or zone"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        )}
      </Field>
      <Zones options={options} choice={choice} onChoose={choose} />
      {needle !== '' && found.length === 0 && <p className="px-2 py-1.5 text-sm text-ink-mute">No zone has “{query}” in its name.</p>}
    </Popover>
  );
}
