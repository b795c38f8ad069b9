import { CalendarClock } from 'lucide-react';
import { useState } from 'react';
import { serverNow } from '../lib/clock.ts';
import { describeSpan, isFixed, parseRange, RANGES, spanOf } from '../lib/ranges.ts';
import type { RangeSearch } from '../lib/ranges.ts';
import { isoToWallTime, wallTimeToIso } from '../lib/zone.ts';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';
import { CopyButton } from './copy-button.tsx';
import { Field } from './field.tsx';
import { Popover } from './popover.tsx';
import { useZone } from './time.tsx';

interface RangeMenuProps {
  /** What the range is of: "Created", "Time". */
  label: string;
  search: RangeSearch;
  /** The range of an address that says none; null is any time. */
  fallback: string | null;
  onChange(change: RangeSearch): void;
}

const ANY = { range: undefined, from: undefined, to: undefined };

function Typed({ onChange }: Pick<RangeMenuProps, 'onChange'>) {
  const timeZone = useZone();
  const [text, setText] = useState('');
  const [isRefused, setRefused] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const range = parseRange(text, timeZone, serverNow());
        setRefused(range === null);
        if (range !== null) onChange({ ...ANY, ...range });
      }}
    >
      <Field
        label="Type a range"
        hint="90m · now-3h to now-1h · 2026-01-31"
        error={isRefused ? 'Write it like 90m, now-3h to now-1h, or 2026-01-31.' : undefined}
      >
        {(control) => <input {...control} className="field w-full" value={text} onChange={(event) => setText(event.target.value)} />}
      </Field>
    </form>
  );
}

function FixedRange({ search, onChange }: Pick<RangeMenuProps, 'search' | 'onChange'>) {
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

/** This page with the times it shows now written down, so that it shows the same to anybody at any time. */
function frozenLink(search: RangeSearch, fallback: string, timeZone: string): string {
  const span = spanOf(search, fallback, serverNow());
  const url = new URL(window.location.href);
  url.searchParams.delete('range');
  url.searchParams.set('from', new Date(span.from).toISOString());
  url.searchParams.set('to', new Date(span.to).toISOString());
  url.searchParams.set('tz', timeZone);
  return url.href;
}

/** A sliding range, or a fixed one in the chosen time zone; written into the address by the page. */
export function RangeMenu({ label, search, fallback, onChange }: RangeMenuProps) {
  const timeZone = useZone();
  const fixed = isFixed(search);
  const chosen = fixed ? undefined : (search.range ?? fallback ?? undefined);
  const text = chosen === undefined && !fixed ? 'Any time' : describeSpan(search, fallback ?? '24h', timeZone);
  const choices = fallback === null ? [{ value: undefined, label: 'Any time' }, ...RANGES] : RANGES;
  return (
    <Popover
      label={label}
      trigger={
        <Button aria-label={`${label}: ${text}`}>
          <CalendarClock aria-hidden className="size-4 text-ink-mute" />
          {text}
        </Button>
      }
    >
      <div className="flex w-64 flex-col gap-3">
        <div className="grid grid-cols-2 gap-1">
          {choices.map((choice) => (
            <Button
              key={choice.label}
              variant="quiet"
              size="small"
              aria-pressed={!fixed && chosen === choice.value}
              className={cn('justify-start', !fixed && chosen === choice.value && 'bg-sunken font-semibold text-ink')}
              onClick={() => onChange({ ...ANY, range: choice.value === fallback ? undefined : choice.value })}
            >
              {choice.label}
            </Button>
          ))}
        </div>
        <Typed onChange={onChange} />
        <FixedRange key={`${search.from} ${search.to} ${timeZone}`} search={search} onChange={onChange} />
        {(chosen !== undefined || fixed) && (
          <div className="border-t border-line pt-2">
            <CopyButton isNamed value={() => frozenLink(search, fallback ?? '24h', timeZone)} label="Copy link with these times fixed" />
          </div>
        )}
      </div>
    </Popover>
  );
}
