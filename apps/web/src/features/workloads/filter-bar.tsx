import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { BulkAction } from '@tidemark/core/operations/contract';
import { ISOLATIONS, WORKLOAD_STATUSES } from '@tidemark/core/workloads/contract';
import { formatDateTime, shortId } from '../../lib/format.ts';
import { describeRange } from '../../lib/ranges.ts';
import { Button } from '../../ui/button.tsx';
import { FilterChip } from '../../ui/chip.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { Popover } from '../../ui/popover.tsx';
import { RangeMenu } from '../../ui/range-menu.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { STATUS_LOOK } from '../../ui/status.tsx';
import { useZone } from '../../ui/time.tsx';
import { BulkDialog } from './bulk-dialog.tsx';
import { FILTER_KEYS, statusesOf } from './search.ts';
import type { WorkloadSearch } from './search.ts';
import { TextFilter } from './text-filter.tsx';
import { Views } from './views.tsx';

type Change = (change: WorkloadSearch) => void;

/** Changes filters in the address; the page of the list is left, since its cursor belongs to the old question. */
export function useChangeFilter(): Change {
  const navigate = useNavigate({ from: '/workloads' });
  return (change) => void navigate({ search: (last) => ({ ...last, cursor: undefined, ...change }) });
}

function describeFilter(key: (typeof FILTER_KEYS)[number], value: string, timeZone: string): string {
  if (key === 'range') return describeRange(value);
  if (key === 'from') return `from ${formatDateTime(value, timeZone)}`;
  if (key === 'to') return `until ${formatDateTime(value, timeZone)}`;
  if (key === 'operation') return `of bulk action ${shortId(value)}`;
  if (key === 'cause') return `failed with “${value}”`;
  return key === 'q' ? `“${value}”` : `${key} ${value.replaceAll(',', ' or ')}`;
}

export function FilterChips({ search }: { search: WorkloadSearch }) {
  const change = useChangeFilter();
  const timeZone = useZone();
  const active = FILTER_KEYS.flatMap((key) => (search[key] === undefined ? [] : [{ key, value: search[key] }]));
  if (active.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {active.map(({ key, value }) => (
        <FilterChip key={key} onRemove={() => change({ [key]: undefined })}>
          {describeFilter(key, value, timeZone)}
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

/** What can be done to everything the filters match, on this page or not. */
function AllMatching({ search }: { search: WorkloadSearch }) {
  const [action, setAction] = useState<BulkAction | null>(null);
  return (
    <>
      <Menu trigger={<Button>All matching</Button>}>
        <MenuItem onSelect={() => setAction('retry')}>Retry all that match…</MenuItem>
        <MenuItem onSelect={() => setAction('cancel')}>Cancel all that match…</MenuItem>
      </Menu>
      <BulkDialog action={action} search={search} onClose={() => setAction(null)} />
    </>
  );
}

export function FilterBar({ search }: { search: WorkloadSearch }) {
  const change = useChangeFilter();
  const statuses = statusesOf(search);
  const statusOptions = [
    { value: '', label: 'Any status' },
    ...WORKLOAD_STATUSES.map((status) => ({ value: status as string, label: STATUS_LOOK[status].word })),
  ];
  if (statuses.length > 1)
    statusOptions.push({ value: statuses.join(','), label: statuses.map((status) => STATUS_LOOK[status].word).join(' or ') });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox label="Search id and error text" placeholder="Id or error text" value={search.q} onChange={(q) => change({ q })} />
      <Select
        aria-label="Status"
        value={statuses.join(',')}
        options={statusOptions}
        onChange={(status) => change({ status: status === '' ? undefined : status })}
      />
      <Select
        aria-label="Isolation"
        className="hidden sm:block"
        value={search.isolation ?? ''}
        options={[{ value: '', label: 'Any isolation' }, ...ISOLATIONS.map((isolation) => ({ value: isolation, label: isolation }))]}
        onChange={(isolation) => change({ isolation: isolation === '' ? undefined : isolation })}
      />
      <RangeMenu label="Created" search={search} fallback={null} onChange={change} />
      <Popover label="More filters" trigger={<Button>More filters</Button>}>
        <div className="grid w-64 gap-3">
          <TextFilter label="Kind" name="kind" value={search.kind} onChange={change} />
          <TextFilter label="Queue" name="queue" value={search.queue} onChange={change} />
          <TextFilter label="Label, as name or name=value" name="label" value={search.label} onChange={change} />
          <TextFilter label="Worker id" name="worker" value={search.worker} onChange={change} />
          <Field label="Isolation" className="sm:hidden">
            {(control) => (
              <Select
                {...control}
                value={search.isolation ?? ''}
                options={[
                  { value: '', label: 'Any isolation' },
                  ...ISOLATIONS.map((isolation) => ({ value: isolation, label: isolation })),
                ]}
                onChange={(isolation) => change({ isolation: isolation === '' ? undefined : isolation })}
              />
            )}
          </Field>
        </div>
      </Popover>
      <span className="flex items-center gap-2 sm:ml-auto">
        <Views search={search} onChange={change} />
        <AllMatching search={search} />
      </span>
    </div>
  );
}
