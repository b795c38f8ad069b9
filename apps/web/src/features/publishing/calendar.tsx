import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type * as z from 'zod';
import type { CalendarDay, PublicationCalendar, PublicationCalendarInput } from '@tidemark/core/publications/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDay, formatDays, plural } from '../../lib/format.ts';
import { useRefreshMs } from '../../lib/health.ts';
import { trpc } from '../../lib/trpc.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Segments } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { ProgressLine, SkeletonRows } from '../../ui/skeleton.tsx';
import { useZone } from '../../ui/time.tsx';
import { CalendarCell } from './calendar-day.tsx';
import type { CalendarSearch, PublicationSearch } from './search.ts';

const REFRESH_MS = 60_000;
/** How often changes may make a page with a calendar read again: it counts more than a list does. */
export const CALENDAR_FRESH_MS = 10_000;
const SPANS = [
  { value: 'month', label: 'Month' },
  { value: 'week', label: 'Week' },
] as const;

type Filter = Omit<z.input<typeof PublicationCalendarInput>, 'span' | 'at' | 'timezone'>;
interface CalendarProps {
  /** What is counted. */
  filter: Filter;
  /** The same as an address of the list. */
  listed: PublicationSearch;
  search: CalendarSearch;
  onChange(change: CalendarSearch): void;
}

function weeksOf(days: readonly CalendarDay[]): CalendarDay[][] {
  return Array.from({ length: Math.ceil(days.length / 7) }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

/** How many days a key moves; null for a key that moves none. */
function stepOf(key: string, index: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -7,
    ArrowDown: 7,
    Home: -(index % 7),
    End: 6 - (index % 7),
  };
  return steps[key] ?? null;
}

function titleOf({ span, first, days }: PublicationCalendar): string {
  return span === 'month' ? formatDay(first, 'month') : formatDays(first, days.at(-1)?.date ?? first);
}

/** Whole weeks of days. One of them is a stop of the Tab key; arrows go from day to day, Page Up and Page Down to the next of its kind. */
function Grid({ calendar, listed, onMove }: { calendar: PublicationCalendar; listed: PublicationSearch; onMove(at: string): void }) {
  const { days, today, first } = calendar;
  const table = useRef<HTMLTableElement>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const stop = [chosen, today, first].find((date) => days.some((day) => day.date === date));
  // The day that had the focus is gone with its month: the focus goes on to the one shown now.
  const isFollowing = useRef(false);
  useEffect(() => {
    if (isFollowing.current) table.current?.querySelector<HTMLElement>(`[data-day="${stop}"]`)?.focus();
    isFollowing.current = false;
  }, [stop]);
  const turn = (at: string): void => {
    isFollowing.current = true;
    onMove(at);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = days.findIndex((day) => day.date === (event.target as HTMLElement).dataset['day']);
    const step = stepOf(event.key, index);
    if (event.key === 'PageUp') turn(calendar.previous);
    else if (event.key === 'PageDown') turn(calendar.next);
    else if (step === null || index === -1) return;
    else table.current?.querySelector<HTMLElement>(`[data-day="${days[index + step]?.date ?? ''}"]`)?.focus();
    event.preventDefault();
  };
  return (
    <table
      ref={table}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- arrow keys go from cell to cell
      role="grid"
      aria-label={`Publications due, ${titleOf(calendar)}`}
      className="w-full table-fixed"
      onKeyDown={onKeyDown}
    >
      <thead>
        <tr className="border-b border-line text-left text-xs text-ink-mute">
          {days.slice(0, 7).map((day) => (
            <th key={day.date} scope="col" className="h-8 px-1 font-medium sm:px-1.5">
              {formatDay(day.date, 'weekday')}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {weeksOf(days).map((week) => (
          <tr key={week[0]?.date}>
            {week.map((day) => (
              <CalendarCell
                key={day.date}
                day={day}
                isToday={day.date === today}
                isStop={day.date === stop}
                listed={listed}
                onFocus={() => setChosen(day.date)}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What no day shows by itself: publications nobody gave a time, and those whose time has gone. */
function Waiting({ calendar, listed }: { calendar: PublicationCalendar; listed: PublicationSearch }) {
  const { unscheduled, late, as_of: asOf } = calendar;
  if (unscheduled + late === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 border-b border-line px-4 py-2 text-sm">
      {late > 0 && (
        <Link
          to="/publishing/queue"
          search={{ ...listed, status: 'pending', timing: 'scheduled', due_to: asOf }}
          className="link font-medium text-amber"
        >
          {plural(late, 'publication')} late
        </Link>
      )}
      {unscheduled > 0 && (
        <Link to="/publishing/queue" search={{ ...listed, status: 'pending', timing: 'unscheduled' }} className="link">
          {plural(unscheduled, 'publication')} without a time {unscheduled === 1 ? 'waits' : 'wait'}
        </Link>
      )}
    </p>
  );
}

function Moves({ calendar, onChange }: { calendar: PublicationCalendar | undefined; onChange: CalendarProps['onChange'] }) {
  const noun = calendar?.span ?? 'month';
  return (
    <span className="flex items-center gap-1">
      <IconButton label={`Previous ${noun}`} disabled={calendar === undefined} onClick={() => onChange({ at: calendar?.previous })}>
        <ChevronLeft aria-hidden className="size-4" />
      </IconButton>
      <Button size="small" onClick={() => onChange({ at: undefined })}>
        Today
      </Button>
      <IconButton label={`Next ${noun}`} disabled={calendar === undefined} onClick={() => onChange({ at: calendar?.next })}>
        <ChevronRight aria-hidden className="size-4" />
      </IconButton>
    </span>
  );
}

/** Publications per day of a month or a week, in the reader's zone, by the time they are due. A day opens its list. */
export function Calendar({ filter, listed, search, onChange }: CalendarProps) {
  const timezone = useZone();
  const span = search.span === 'week' ? 'week' : 'month';
  const { data, error, refetch, isPlaceholderData } = useQuery(
    trpc.publishing.publications.calendar.queryOptions(
      { ...filter, span, at: search.at, timezone },
      { refetchInterval: useRefreshMs(REFRESH_MS) },
    ),
  );
  const isEmpty = data !== undefined && data.days.every((day) => Object.values(day.counts).every((count) => count === 0));
  return (
    <div className="relative">
      <ProgressLine isActive={isPlaceholderData} />
      {error !== null && <FailureStrip what="The calendar is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2">
        <Moves calendar={data} onChange={onChange} />
        <h2 aria-live="polite" className="text-sm font-semibold">
          {data === undefined ? '' : titleOf(data)}
        </h2>
        <span className="text-xs text-ink-mute">{timezone}</span>
        <span className="ml-auto">
          <Segments
            label="Length"
            value={span}
            options={SPANS}
            onChange={(value) => onChange({ span: value === 'month' ? undefined : value })}
          />
        </span>
      </div>
      {data === undefined && error === null && <SkeletonRows count={6} />}
      {data !== undefined && (
        <>
          <Waiting calendar={data} listed={listed} />
          {isEmpty && <p className="border-b border-line px-4 py-2 text-sm text-ink-soft">Nothing is due in this {data.span}.</p>}
          <Grid calendar={data} listed={listed} onMove={(at) => onChange({ at })} />
        </>
      )}
    </div>
  );
}
