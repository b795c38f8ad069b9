import { Link, useNavigate } from '@tanstack/react-router';
import { MONITOR_STATES } from '@tidemark/core/monitors/contract';
import type { StateCounts } from '@tidemark/core/monitors/contract';
import { formatCount } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { FilterChip } from '../../ui/chip.tsx';
import { cn } from '../../ui/class-names.ts';
import { Select } from '../../ui/field.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { MONITOR_LOOK, StatusIcon } from '../../ui/status.tsx';
import { FILTER_KEYS, LIST_WINDOW, LIST_WINDOWS, monitorSearch, statesOf } from './search.ts';
import type { MonitorSearch } from './search.ts';

type Change = (change: MonitorSearch) => void;

/** Changes filters in the address; the page of the list is left, since its cursor belongs to the old question. */
export function useChangeFilter(): Change {
  const navigate = useNavigate({ from: '/monitors' });
  return (change) => void navigate({ search: (last) => ({ ...last, cursor: undefined, ...change }) });
}

/** How many are in each state; a press shows only these, a second one all again. */
export function StateFacets({ counts, search }: { counts: StateCounts | undefined; search: MonitorSearch }) {
  const chosen = statesOf(search);
  return (
    <section aria-label="Totals" className="panel flex flex-wrap overflow-hidden divide-line sm:divide-x">
      {MONITOR_STATES.map((state) => {
        const count = counts?.[state];
        const isChosen = chosen.length === 1 && chosen[0] === state;
        return (
          <Link
            key={state}
            to="/monitors"
            search={{ ...search, cursor: undefined, state: isChosen ? undefined : state }}
            aria-current={isChosen ? 'true' : undefined}
            className="flex min-w-24 flex-1 flex-col px-4 py-2.5 -outline-offset-2 hover:bg-sunken aria-[current=true]:bg-sunken"
          >
            <span className="flex items-center gap-1.5 text-xs text-ink-soft">
              <StatusIcon look={MONITOR_LOOK[state]} className="size-3.5" />
              {MONITOR_LOOK[state].word}
            </span>
            <span
              className={cn(
                'text-xl/7 font-semibold',
                (count === undefined || count === 0) && 'font-normal text-ink-mute',
                state === 'down' && count !== undefined && count > 0 && 'text-red',
              )}
            >
              {formatCount(count)}
            </span>
          </Link>
        );
      })}
    </section>
  );
}

export function FilterChips({ search }: { search: MonitorSearch }) {
  const change = useChangeFilter();
  const active = FILTER_KEYS.flatMap((key) => (search[key] === undefined ? [] : [{ key, value: search[key] }]));
  if (active.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {active.map(({ key, value }) => (
        <FilterChip key={key} onRemove={() => change({ [key]: undefined })}>
          {key === 'q' ? `“${value}”` : `${key} ${value.replaceAll(',', ' or ')}`}
        </FilterChip>
      ))}
      {active.length > 1 && (
        <Button variant="quiet" size="small" onClick={() => change(Object.fromEntries(FILTER_KEYS.map((key) => [key, undefined])))}>
          Clear all
        </Button>
      )}
    </div>
  );
}

export function FilterBar({ search }: { search: MonitorSearch }) {
  const change = useChangeFilter();
  const setTag = (tag: string | undefined): void => {
    if (tag === undefined || monitorSearch.tag(tag)) change({ tag });
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox label="Search name, address and id" placeholder="Name, address or id" value={search.q} onChange={(q) => change({ q })} />
      <Select
        aria-label="Type"
        value={search.type ?? ''}
        options={[
          { value: '', label: 'Any type' },
          { value: 'synthetic', label: 'Checks' },
          { value: 'heartbeat', label: 'Heartbeats' },
        ]}
        onChange={(type) => change({ type: type === '' ? undefined : type })}
      />
      <input
        key={search.tag ?? ''}
        aria-label="Tag"
        placeholder="Tag"
        className="field w-28"
        defaultValue={search.tag ?? ''}
        onKeyDown={(event) => {
          if (event.key === 'Enter') setTag(event.currentTarget.value.trim() || undefined);
        }}
        onBlur={(event) => {
          const tag = event.target.value.trim() || undefined;
          if (tag !== search.tag) setTag(tag);
        }}
      />
      <Select
        aria-label="Figures of"
        value={search.range ?? LIST_WINDOW}
        options={LIST_WINDOWS}
        onChange={(range) => change({ range: range === LIST_WINDOW ? undefined : range, cursor: search.cursor })}
      />
    </div>
  );
}
