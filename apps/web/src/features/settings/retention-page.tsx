import { useMutation, useQuery } from '@tanstack/react-query';
import type { Retention, RetentionReport } from '@tidemark/core/retention/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useMay } from '../../lib/session.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useDraft } from '../../ui/draft.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { notify } from '../../ui/toast.tsx';
import type { Unsaved } from '../../ui/unsaved.tsx';
import { SettingsPage } from './layout.tsx';
import { Loaded } from './loaded.tsx';

const STATUSES = ['completed', 'failed', 'cancelled'] as const;
type Status = (typeof STATUSES)[number];
type Draft = Record<Status, { days: string; count: string }> & { events: string };

const text = (value: number | null): string => (value === null ? '' : String(value));
const number = (value: string): number | null => (value.trim() === '' ? null : Number(value));

function toDraft(rules: Retention): Draft {
  const rule = (status: Status) => ({ days: text(rules[status].max_age_days), count: text(rules[status].max_count) });
  return { completed: rule('completed'), failed: rule('failed'), cancelled: rule('cancelled'), events: text(rules.events.max_age_days) };
}

function toRules(draft: Draft): Retention {
  const rule = (status: Status) => ({ max_age_days: number(draft[status].days), max_count: number(draft[status].count) });
  return {
    completed: rule('completed'),
    failed: rule('failed'),
    cancelled: rule('cancelled'),
    events: { max_age_days: number(draft.events) },
  };
}

function Cell({
  label,
  value,
  isReadOnly,
  onChange,
}: {
  label: string;
  value: string;
  isReadOnly: boolean;
  onChange(value: string): void;
}) {
  return (
    <input
      aria-label={label}
      inputMode="numeric"
      placeholder="no limit"
      readOnly={isReadOnly}
      className="field h-8 w-20 sm:w-28"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function RulesTable({ draft, isReadOnly, onChange }: { draft: Draft; isReadOnly: boolean; onChange(draft: Draft): void }) {
  return (
    <div role="region" aria-label="Rules as a table" tabIndex={0} className="max-w-full overflow-x-auto">
      <table className="text-sm">
        <thead>
          <tr className="text-left text-xs text-ink-mute">
            <th scope="col" className="pr-6 pb-1 font-medium">
              Kept
            </th>
            <th scope="col" className="pr-4 pb-1 font-medium">
              Days after the end
            </th>
            <th scope="col" className="pb-1 font-medium">
              Newest
            </th>
          </tr>
        </thead>
        <tbody>
          {STATUSES.map((status) => (
            <tr key={status}>
              <th scope="row" className="py-1 pr-6 text-left font-normal whitespace-nowrap">
                {status} workloads
              </th>
              <td className="py-1 pr-4">
                <Cell
                  label={`Days to keep ${status} workloads`}
                  isReadOnly={isReadOnly}
                  value={draft[status].days}
                  onChange={(days) => onChange({ ...draft, [status]: { ...draft[status], days } })}
                />
              </td>
              <td className="py-1">
                <Cell
                  label={`How many ${status} workloads to keep`}
                  isReadOnly={isReadOnly}
                  value={draft[status].count}
                  onChange={(count) => onChange({ ...draft, [status]: { ...draft[status], count } })}
                />
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row" className="py-1 pr-6 text-left font-normal">
              events
            </th>
            <td className="py-1 pr-4">
              <Cell
                label="Days to keep events"
                isReadOnly={isReadOnly}
                value={draft.events}
                onChange={(events) => onChange({ ...draft, events })}
              />
            </td>
            <td />
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Rules({ rules }: { rules: Retention }) {
  const { draft, setDraft, unsaved, notice } = useDraft(toDraft(rules));
  const isAdmin = useMay('admin');
  const save = useMutation({
    mutationFn: (_: Unsaved) => client.retention.set.mutate(toRules(draft)),
    onSuccess: async (_, { settle }) => {
      settle();
      notify({ title: 'Saved', detail: 'It is applied within the hour, or when you say so.' });
      await queryClient.invalidateQueries({ queryKey: trpc.retention.pathKey() });
    },
  });
  return (
    <form
      className="flex flex-col items-start gap-4 px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(unsaved);
      }}
    >
      {save.error !== null && <FailureStrip what="Nothing was saved." failure={toFailure(save.error)} />}
      {notice}
      <RulesTable draft={draft} isReadOnly={!isAdmin} onChange={setDraft} />
      <p className="text-xs text-ink-mute">Totals and statistics over time stay when what they count is removed.</p>
      {isAdmin && (
        <Button type="submit" variant="primary" disabled={save.isPending}>
          Save rules
        </Button>
      )}
      {unsaved.question}
    </form>
  );
}

function describe(report: RetentionReport): string {
  const { completed, failed, cancelled } = report.workloads;
  return `${plural(completed + failed + cancelled, 'workload')} (${formatCount(completed)} completed, ${formatCount(failed)} failed, ${formatCount(cancelled)} cancelled) and ${plural(report.events, 'event')}`;
}

function Run() {
  const preview = useMutation({ mutationFn: () => client.retention.run.mutate({ dry_run: true }) });
  const remove = useMutation({
    mutationFn: () => client.retention.run.mutate({ dry_run: false }),
    onSuccess: (report) => {
      preview.reset();
      notify({ title: `Removed ${describe(report)}` });
    },
  });
  const error = preview.error ?? remove.error;
  return (
    <Panel title="Apply now">
      <div className="flex flex-col items-start gap-3 px-4 py-4 text-sm">
        {error !== null && <FailureStrip what="Nothing was removed." failure={toFailure(error)} />}
        <p role="status" className="text-ink-soft">
          {preview.data === undefined
            ? 'The saved rules are applied every hour. A preview counts and removes nothing.'
            : `Would remove ${describe(preview.data)}.`}
        </p>
        <span className="flex gap-2">
          <Button disabled={preview.isPending} onClick={() => preview.mutate()}>
            Preview
          </Button>
          {preview.data !== undefined && (
            <Confirm
              trigger={<Button disabled={remove.isPending}>Remove</Button>}
              title="Remove what is no longer kept?"
              action="Remove"
              dismiss="Keep everything"
              isDangerous
              onConfirm={() => remove.mutate()}
            >
              {`${describe(preview.data)}. It cannot be undone.`}
            </Confirm>
          )}
        </span>
      </div>
    </Panel>
  );
}

export function RetentionPage() {
  const query = useQuery(trpc.retention.get.queryOptions({}));
  const isAdmin = useMay('admin');
  return (
    <SettingsPage title="Retention" lead="What is kept of what has ended, and for how long.">
      <Panel title="Rules">
        <Loaded query={query}>{(data) => <Rules rules={data} />}</Loaded>
      </Panel>
      {isAdmin && <Run />}
    </SettingsPage>
  );
}
