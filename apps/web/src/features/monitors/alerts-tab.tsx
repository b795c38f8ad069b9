import { useMutation, useQuery } from '@tanstack/react-query';
import { AlertPolicy } from '@tidemark/core/monitors/contract';
import type { Monitor } from '@tidemark/core/monitors/contract';
import type { BackTest } from '@tidemark/core/outages/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatDuration, plural, UNKNOWN } from '../../lib/format.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { useDraft } from '../../ui/draft.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { notify } from '../../ui/toast.tsx';
import { refreshMonitors } from './actions.ts';
import { Deliveries } from './deliveries.tsx';

const NUMBERS = [
  { name: 'confirm_failures', label: 'Failed runs that open an outage', hint: '1 tells at once; more wait for proof', isOptional: false },
  { name: 'confirm_of', label: 'Of the last so many runs', hint: 'Empty: they must follow each other', isOptional: true },
  { name: 'recover_passes', label: 'Passed runs that end it', hint: 'In a row', isOptional: false },
  { name: 'reopen_within_seconds', label: 'Reopen silently within, in seconds', hint: 'For what flaps; 0 for never', isOptional: false },
  {
    name: 'remind_every_minutes',
    label: 'Remind every so many minutes',
    hint: 'Empty for never; ends when acknowledged',
    isOptional: true,
  },
] as const;
type NumberName = (typeof NUMBERS)[number]['name'];
type Draft = Record<NumberName, string> & { channel_ids: readonly string[] };

function toDraft(policy: AlertPolicy): Draft {
  const text = (value: number | null): string => (value === null ? '' : String(value));
  return {
    channel_ids: policy.channel_ids,
    confirm_failures: text(policy.confirm_failures),
    confirm_of: text(policy.confirm_of),
    recover_passes: text(policy.recover_passes),
    reopen_within_seconds: text(policy.reopen_within_seconds),
    remind_every_minutes: text(policy.remind_every_minutes),
  };
}

function readPolicy(draft: Draft) {
  const of = (name: NumberName): number | null | undefined => {
    const text = draft[name].trim();
    if (text !== '') return Number(text);
    return NUMBERS.find((entry) => entry.name === name)?.isOptional === true ? null : undefined;
  };
  return AlertPolicy.safeParse({
    channel_ids: [...draft.channel_ids],
    confirm_failures: of('confirm_failures'),
    confirm_of: of('confirm_of'),
    recover_passes: of('recover_passes'),
    reopen_within_seconds: of('reopen_within_seconds'),
    remind_every_minutes: of('remind_every_minutes'),
  });
}

function Replay({ name, replay }: { name: string; replay: BackTest['proposed'] }) {
  return (
    <tr>
      <th scope="row" className="py-1.5 pr-4 text-left font-medium">
        {name}
      </th>
      <td className="py-1.5 pr-4 text-right">{replay.alerts}</td>
      <td className="py-1.5 pr-4 text-right">{formatDuration(replay.down_ms)}</td>
      <td className="py-1.5 text-right">{replay.mean_detection_ms === null ? UNKNOWN : formatDuration(replay.mean_detection_ms)}</td>
    </tr>
  );
}

function BackTestResult({ result }: { result: BackTest }) {
  return (
    <div role="status" className="rounded-lg border border-line p-3 text-sm">
      <p className="text-ink-soft">What would have been told of {plural(result.runs, 'recorded run')} of the last 7 days:</p>
      <table className="mt-2 w-full">
        <thead className="text-xs text-ink-mute">
          <tr>
            <td />
            <th scope="col" className="pr-4 text-right font-medium">
              Outages
            </th>
            <th scope="col" className="pr-4 text-right font-medium">
              Down
            </th>
            <th scope="col" className="text-right font-medium">
              Told after
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          <Replay name="As written here" replay={result.proposed} />
          <Replay name="As saved" replay={result.current} />
        </tbody>
      </table>
    </div>
  );
}

function Channels({ draft, onChange }: { draft: Draft; onChange(ids: readonly string[]): void }) {
  const { data } = useQuery(trpc.channels.list.queryOptions({ limit: 100 }));
  if (data === undefined) return null;
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="label mb-1">Tell</legend>
      {data.items.length === 0 && (
        <p className="text-sm text-ink-soft">There is no channel yet; outages are recorded and told to nobody.</p>
      )}
      {data.items.map((channel) => (
        <label key={channel.id} className="flex min-h-7 cursor-pointer items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={draft.channel_ids.includes(channel.id)}
            onChange={(event) =>
              onChange(event.target.checked ? [...draft.channel_ids, channel.id] : draft.channel_ids.filter((id) => id !== channel.id))
            }
          />
          {channel.name} <span className="text-xs text-ink-mute">{channel.type}</span>
          {!channel.is_enabled && <span className="text-xs text-amber">switched off</span>}
        </label>
      ))}
    </fieldset>
  );
}

/** When an outage is told, and to whom, with a trial of it on what was recorded. */
export function AlertsTab({ monitor }: { monitor: Monitor }) {
  const { draft, setDraft, unsaved, notice } = useDraft(toDraft(monitor.alert));
  const parsed = readPolicy(draft);
  const problems = new Map((parsed.error?.issues ?? []).map((issue) => [String(issue.path[0]), issue.message]));
  const save = useMutation({
    mutationFn: ({ alert }: { alert: AlertPolicy; settle(): void }) => client.monitors.update.mutate({ test_id: monitor.id, alert }),
    onSuccess: async (_, { settle }) => {
      settle();
      notify({ title: 'Saved', detail: 'It holds from the next run on.' });
      await refreshMonitors();
    },
  });
  const replay = useMutation({ mutationFn: (alert: AlertPolicy) => client.monitors.backTest.mutate({ test_id: monitor.id, alert }) });
  const failure = save.error ?? replay.error;
  return (
    <div className="grid gap-6 p-4 lg:grid-cols-2">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (parsed.success) save.mutate({ alert: parsed.data, settle: unsaved.settle });
        }}
      >
        {notice}
        <Channels draft={draft} onChange={(channel_ids) => setDraft((last) => ({ ...last, channel_ids }))} />
        <div className="grid gap-3 sm:grid-cols-2">
          {NUMBERS.map(({ name, label, hint }) => (
            <Field key={name} label={label} hint={hint} error={problems.get(name)}>
              {(control) => (
                <input
                  {...control}
                  inputMode="numeric"
                  className="field w-full"
                  value={draft[name]}
                  onChange={(event) => setDraft((last) => ({ ...last, [name]: event.target.value }))}
                />
              )}
            </Field>
          ))}
        </div>
        {failure !== null && <FailureStrip what="That did not work." failure={toFailure(failure)} />}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" disabled={!parsed.success || save.isPending}>
            Save policy
          </Button>
          <Button disabled={!parsed.success || replay.isPending} onClick={() => parsed.success && replay.mutate(parsed.data)}>
            Try it on the last 7 days
          </Button>
        </div>
        {replay.data !== undefined && <BackTestResult result={replay.data} />}
        {unsaved.question}
      </form>
      <Deliveries testId={monitor.id} />
    </div>
  );
}
