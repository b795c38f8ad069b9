import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Check, ShieldCheck, X } from 'lucide-react';
import type { AuditEntry, VerifyAuditOutput } from '@tidemark/core/audit/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount } from '../../lib/format.ts';
import { stringifySearch } from '../../lib/search.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { FilterChip } from '../../ui/chip.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { ExportMenu } from '../../ui/export-menu.tsx';
import { Select } from '../../ui/field.tsx';
import { Empty, FailureStrip } from '../../ui/notice.tsx';
import { Pager } from '../../ui/pager.tsx';
import { SearchBox } from '../../ui/search-box.tsx';
import { ProgressLine } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';
import { describeChanges } from './audit-changes.ts';
import type { AuditSearch } from './audit-search.ts';
import { SettingsPage } from './layout.tsx';
import { Loaded } from './loaded.tsx';

const PAGE_SIZE = 50;
const FILTERS = ['action', 'target', 'actor', 'outcome'] as const;
const OUTCOMES = ['done', 'FORBIDDEN', 'UNAUTHORIZED', 'VALIDATION', 'CONFLICT', 'NOT_FOUND', 'RATE_LIMITED'] as const;

function useChange(): (change: AuditSearch) => void {
  const navigate = useNavigate({ from: '/settings/audit' });
  return (change) => void navigate({ search: (last) => ({ ...last, cursor: undefined, ...change }) });
}

function Who({ row }: { row: AuditEntry }) {
  const change = useChange();
  const { actor_id: id } = row;
  const name = row.actor_name ?? (row.actor_kind === 'open' ? 'anybody' : row.actor_kind);
  return (
    <span className="flex min-w-0 flex-col">
      {id === null ? (
        <span>{name}</span>
      ) : (
        <button
          type="button"
          className="link self-start text-left text-ink"
          title={`Only what ${name} did`}
          onClick={() => change({ actor: id })}
        >
          {name}
        </button>
      )}
      <span className="text-xs whitespace-nowrap text-ink-mute">
        {row.actor_kind === 'key' && 'key '}
        {row.address !== null && `from ${row.address}`}
      </span>
    </span>
  );
}

function Changes({ row }: { row: AuditEntry }) {
  const changes = describeChanges(row.details);
  if (changes.length === 0) return null;
  return (
    <ul className="flex flex-col gap-0.5 text-xs text-ink-soft">
      {changes.slice(0, 4).map((change) => (
        <li key={change} className="max-w-96 truncate" title={change}>
          {change}
        </li>
      ))}
      {changes.length > 4 && <li title={changes.slice(4).join('\n')}>and {changes.length - 4} more</li>}
    </ul>
  );
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { id: 'at', header: 'When', className: 'w-28', cell: (row) => <Moment at={row.at} /> },
  { id: 'who', header: 'Who', cell: (row) => <Who row={row} /> },
  {
    id: 'action',
    header: 'What',
    cell: (row) => (
      <span className="flex min-w-0 flex-col">
        <span className="font-mono text-xs">
          {row.action}
          {row.item_count > 1 && <span className="text-ink-mute"> × {formatCount(row.item_count)}</span>}
        </span>
        {row.target !== null && (
          <span className="max-w-28 truncate font-mono text-2xs sm:max-w-56 text-ink-mute" title={row.target}>
            {row.target}
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    className: 'hidden w-36 sm:table-cell',
    cell: (row) => (
      <Status look={row.outcome === 'done' ? { icon: Check, word: 'Done', tone: 'green' } : { icon: X, word: row.outcome, tone: 'red' }} />
    ),
  },
  { id: 'changes', header: 'Before and after', className: 'hidden lg:table-cell', cell: (row) => <Changes row={row} /> },
  { id: 'position', header: 'Entry', className: 'hidden text-right xl:table-cell', cell: (row) => formatCount(row.position) },
];

function Verdict({ answer }: { answer: VerifyAuditOutput }) {
  return (
    <div role="status" className="panel px-4 py-3 text-sm">
      {answer.is_intact ? (
        <p>
          <span className="font-semibold text-green">Intact.</span> {formatCount(answer.checked_count)} entries follow each other unbroken.
          Note this somewhere else and compare it the next time: <span className="font-mono text-xs break-all">{answer.head_hash}</span>
        </p>
      ) : (
        <p>
          <span className="font-semibold text-red">Not intact.</span> From entry {answer.broken_at} on it is not what was written:{' '}
          {(answer.problem ?? 'unknown').replaceAll('_', ' ')}.
        </p>
      )}
    </div>
  );
}

function Tools({ search, verify }: { search: AuditSearch; verify: { isPending: boolean; mutate(): void } }) {
  const { actor, cursor: _, ...rest } = search;
  const query = stringifySearch({ ...rest, actor_id: actor });
  return (
    <>
      <Button disabled={verify.isPending} onClick={() => verify.mutate()}>
        <ShieldCheck aria-hidden className="size-4" /> {verify.isPending ? 'Checking' : 'Check the log'}
      </Button>
      <ExportMenu path="/v1/audit/export" query={query} formats={['csv', 'jsonl']} />
    </>
  );
}

function Filters({ search }: { search: AuditSearch }) {
  const change = useChange();
  const active = FILTERS.flatMap((key) => (search[key] === undefined ? [] : [{ key, value: search[key] }]));
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox
        label="Action, or the group of it"
        placeholder="Action, such as keys"
        value={search.action}
        onChange={(action) => change({ action: action?.slice(0, 100) })}
      />
      <SearchBox
        label="Id or name of what was changed"
        placeholder="Id or name it was about"
        value={search.target}
        onChange={(target) => change({ target: target?.slice(0, 128) })}
      />
      <Select
        aria-label="Outcome"
        value={search.outcome ?? ''}
        options={[
          { value: '', label: 'Any outcome' },
          ...OUTCOMES.map((value) => ({ value: value as string, label: value === 'done' ? 'Done' : `Refused: ${value}` })),
        ]}
        onChange={(outcome) => change({ outcome: outcome === '' ? undefined : outcome })}
      />
      {active.map(({ key, value }) => (
        <FilterChip key={key} onRemove={() => change({ [key]: undefined })}>
          {`${key} ${value}`}
        </FilterChip>
      ))}
    </div>
  );
}

/** Who changed what and when, newest first; each entry is chained to the one before it. */
export function AuditPage() {
  const search = useSearch({ from: '/settings/audit' });
  const navigate = useNavigate({ from: '/settings/audit' });
  const { actor, ...rest } = search;
  const query = useQuery(trpc.audit.list.queryOptions({ ...rest, actor_id: actor, limit: PAGE_SIZE }));
  const verify = useMutation({ mutationFn: () => client.audit.verify.query({}) });
  return (
    <SettingsPage
      title="Audit log"
      lead="Every change that somebody made or was refused, newest first. Values that may be secret are not in it."
      actions={<Tools search={search} verify={verify} />}
    >
      {verify.error !== null && <FailureStrip what="The log was not checked." failure={toFailure(verify.error)} />}
      {verify.data !== undefined && <Verdict answer={verify.data} />}
      <Filters search={search} />
      <section aria-label="Audit log" className="panel relative overflow-hidden">
        <ProgressLine isActive={query.isFetching && query.isPlaceholderData} />
        <Loaded query={query}>
          {(data) => (
            <>
              {data.items.length === 0 && (
                <Empty
                  title={
                    FILTERS.some((key) => search[key] !== undefined) ? 'No entry matches these filters' : 'Nobody has changed anything yet'
                  }
                />
              )}
              {data.items.length > 0 && (
                <DataTable caption="Changes, newest first" columns={COLUMNS} rows={data.items} getRowId={(row) => String(row.position)} />
              )}
              <Pager
                next={data.next_cursor}
                cursor={search.cursor}
                onGo={(cursor, trail) => void navigate({ search: (last) => ({ ...last, cursor }), state: { trail } })}
              />
            </>
          )}
        </Loaded>
      </section>
    </SettingsPage>
  );
}
