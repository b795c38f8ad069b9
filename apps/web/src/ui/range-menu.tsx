import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import { RANGES } from '../../lib/ranges.ts';
import { isoToWallTime, wallTimeToIso } from '../../lib/zone.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/class-names.ts';
import { Field } from '../../ui/field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { useZone } from '../../ui/time.tsx';
import type { WorkloadSearch } from './search.ts';

interface RangeMenuProps {
  search: WorkloadSearch;
  onChange(change: WorkloadSearch): void;
}

function FixedRange({ search, onChange }: RangeMenuProps) {
  const timeZone = useZone();
  const [from, setFrom] = useState(search.from === undefined ? '' : isoToWallTime(search.from, timeZone));
  const [to, setTo] = useState(search.to === undefined ? '' : isoToWallTime(search.to, timeZone));
  const fromIso = from === '' ? null : wallTimeToIso(from, timeZone);
  const toIso = to === '' ? null : wallTimeToIso(to, timeZone);
  const isReversed = fromIso !== null && toIso !== null && fromIso >= toIso;
  return (
    <form
      className="flex flex-col gap-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ range: undefined, from: fromIso ?? undefined, to: toIso ?? undefined });
      }}
    >
      <Field label={`From (${timeZone})`}>
        {(control) => (
          <input {...control} type="datetime-local" className="field" value={from} onChange={(event) => setFrom(event.target.value)} />
        )}
      </Field>
      <Field label={`Until (${timeZone})`} error={isReversed ? 'Must be later than the start.' : undefined}>
        {(control) => (
          <input {...control} type="datetime-local" className="field" value={to} onChange={(event) => setTo(event.target.value)} />
        )}
      </Field>
      <Button type="submit" disabled={isReversed || (fromIso === null && toIso === null)} className="self-start">
        Apply fixed range
      </Button>
    </form>
  );
}

/** When the workloads were created: any time, a sliding range, or a fixed one in the chosen time zone. */
export function RangeMenu({ search, onChange }: RangeMenuProps) {
  const isFixed = search.from !== undefined || search.to !== undefined;
  const label = isFixed ? 'Fixed range' : (RANGES.find((range) => range.value === search.range)?.label ?? 'Any time');
  const choices = [{ value: undefined, label: 'Any time' }, ...RANGES];
  return (
    <Popover
      label="Created"
      trigger={
        <Button aria-label={`Created: ${label}`}>
          <CalendarClock aria-hidden className="size-4 text-ink-mute" />
          {label}
        </Button>
      }
    >
      <div className="flex w-60 flex-col gap-3">
        <div className="grid grid-cols-2 gap-1">
          {choices.map((choice) => (
            <Button
              key={choice.label}
              variant="quiet"
              size="small"
              aria-pressed={!isFixed && search.range === choice.value}
              className={cn('justify-start', !isFixed && search.range === choice.value && 'bg-sunken font-semibold text-ink')}
              onClick={() => onChange({ range: choice.value, from: undefined, to: undefined })}
            >
              {choice.label}
            </Button>
          ))}
        </div>
        <FixedRange search={search} onChange={onChange} />
      </div>
    </Popover>
  );
}
