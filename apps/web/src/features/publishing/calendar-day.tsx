import { Link } from '@tanstack/react-router';
import type { CalendarDay, PublicationStatus } from '@tidemark/core/publications/contract';
import { formatCount, formatDay } from '../../lib/format.ts';
import { cn } from '../../ui/class-names.ts';
import { ShareBar } from '../../ui/share-bar.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import { PUBLICATION_LOOK } from './looks.ts';
import type { PublicationSearch } from './search.ts';

/** In the order of a publication's life; what failed comes first, where it is seen. */
const SHOWN: readonly { status: PublicationStatus; fill: string }[] = [
  { status: 'failed', fill: 'bg-red' },
  { status: 'scheduled', fill: 'bg-violet' },
  { status: 'pending', fill: 'bg-line-strong' },
  { status: 'processing', fill: 'bg-blue' },
  { status: 'success', fill: 'bg-green/70' },
  { status: 'cancelled', fill: 'bg-line' },
];

function totalOf(day: CalendarDay): number {
  return SHOWN.reduce((sum, { status }) => sum + day.counts[status], 0);
}

/** "Saturday 31 January 2026: 3 scheduled, 12 published, 2 of them late". */
function describe(day: CalendarDay): string {
  const parts = SHOWN.flatMap(({ status }) =>
    day.counts[status] > 0 ? [`${formatCount(day.counts[status])} ${PUBLICATION_LOOK[status].word.toLowerCase()}`] : [],
  );
  const late = day.late > 0 ? [`${formatCount(day.late)} of the pending late`] : [];
  return `${formatDay(day.date, 'full')}: ${parts.length === 0 ? 'nothing is due' : [...parts, ...late].join(', ')}`;
}

interface CalendarCellProps {
  day: CalendarDay;
  isToday: boolean;
  /** The one day that the Tab key reaches; the arrows lead on from it. */
  isStop: boolean;
  /** The filter of the calendar: a day lists what it counts. */
  listed: PublicationSearch;
  onFocus(): void;
}

/** One day: its number, what is due on it by status, and the way to the list of just that. */
export function CalendarCell({ day, isToday, isStop, listed, onFocus }: CalendarCellProps) {
  const total = totalOf(day);
  return (
    <td className={cn('h-px border-line p-0 align-top not-first:border-l', !day.is_inside && 'bg-sunken/50')}>
      <Link
        to="/publishing/queue"
        search={{ ...listed, due_from: day.from, due_to: day.to }}
        aria-current={isToday ? 'date' : undefined}
        data-day={day.date}
        tabIndex={isStop ? 0 : -1}
        onFocus={onFocus}
        className="@container flex h-full min-h-16 flex-col gap-1 p-1 text-xs -outline-offset-2 hover:bg-sunken sm:min-h-24 sm:p-1.5"
      >
        <span className="sr-only">{describe(day)}</span>
        <span aria-hidden className="flex items-baseline justify-between gap-1">
          <span
            className={cn(
              'tabular-nums',
              day.is_inside ? 'text-ink-soft' : 'text-ink-mute',
              isToday && 'rounded-full bg-accent px-1 font-semibold sm:px-1.5 text-accent-ink',
            )}
          >
            {Number(day.date.slice(-2))}
          </span>
          {total > 0 && <span className="font-semibold tabular-nums sm:hidden">{formatCount(total)}</span>}
        </span>
        {total > 0 && (
          <span aria-hidden className="contents">
            <ShareBar shares={SHOWN.map(({ status, fill }) => ({ key: status, count: day.counts[status], fill }))} />
            <span className="hidden flex-col gap-0.5 sm:flex">
              {SHOWN.map(
                ({ status }) =>
                  day.counts[status] > 0 && (
                    <span key={status} className="flex items-center gap-1 whitespace-nowrap">
                      <StatusIcon look={{ ...PUBLICATION_LOOK[status], isMoving: false }} className="size-3" />
                      <span className="tabular-nums">{formatCount(day.counts[status])}</span>
                      <span className="hidden text-ink-soft @min-[6.5rem]:inline">{PUBLICATION_LOOK[status].word.toLowerCase()}</span>
                    </span>
                  ),
              )}
            </span>
            {day.late > 0 && <span className="truncate font-medium text-amber">{formatCount(day.late)} late</span>}
          </span>
        )}
      </Link>
    </td>
  );
}
