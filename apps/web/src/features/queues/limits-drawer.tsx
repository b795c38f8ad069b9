import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import * as z from 'zod';
import { SetQueueInput } from '@tidemark/core/queues/contract';
import type { Queue } from '@tidemark/core/queues/contract';
import { toFailure } from '../../lib/failure.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Drawer, DrawerClose } from '../../ui/drawer.tsx';
import { useDraft } from '../../ui/draft.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { notify } from '../../ui/toast.tsx';
import { refreshQueues } from './actions.ts';

const FIELDS = [
  { key: 'concurrency', label: 'Running at once', hint: 'Over all workers. Empty: no limit. 0 starts nothing.' },
  { key: 'key_concurrency', label: 'Running at once per concurrency key', hint: 'Workloads that name the same key. Empty: no limit.' },
  { key: 'rate_per_minute', label: 'Starts per minute', hint: 'Empty: no limit.' },
  { key: 'rate_burst', label: 'Burst', hint: 'Starts that may happen at once after a rest. Empty: one second of the rate.' },
] as const;
type Key = (typeof FIELDS)[number]['key'];
type Draft = Record<Key, string>;

const Limits = SetQueueInput.omit({ name: true });

/** What the fields say: limits, or what is wrong with each. */
function readLimits(draft: Draft): { limits: z.infer<typeof Limits> } | { problems: Partial<Record<Key, string>> } {
  const raw = Object.fromEntries(FIELDS.map(({ key }) => [key, draft[key].trim() === '' ? null : Number(draft[key])]));
  const parsed = Limits.safeParse(raw);
  if (parsed.success) return { limits: parsed.data };
  const tree = z.flattenError(parsed.error).fieldErrors;
  return { problems: Object.fromEntries(FIELDS.flatMap(({ key }) => (tree[key]?.[0] === undefined ? [] : [[key, tree[key][0]]]))) };
}

function toDraft(queue: Queue): Draft {
  const text = (value: number | null): string => (value === null ? '' : String(value));
  return {
    concurrency: text(queue.concurrency),
    key_concurrency: text(queue.key_concurrency),
    rate_per_minute: text(queue.rate_per_minute),
    rate_burst: text(queue.rate_burst),
  };
}

function Form({ queue, onDone }: { queue: Queue; onDone(): void }) {
  const { draft, setDraft, unsaved, notice } = useDraft(toDraft(queue));
  const [problems, setProblems] = useState<Partial<Record<Key, string>>>({});
  const save = useMutation({
    mutationFn: (limits: z.infer<typeof Limits>) => client.queues.update.mutate({ name: queue.name, ...limits }),
    onSuccess: async () => {
      unsaved.settle();
      notify({ title: `Limits of ${queue.name} saved` });
      await refreshQueues();
      onDone();
    },
  });
  return (
    <form
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        const read = readLimits(draft);
        setProblems('problems' in read ? read.problems : {});
        if ('limits' in read) save.mutate(read.limits);
      }}
    >
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">
        {save.error !== null && <FailureStrip what="Nothing was saved." failure={toFailure(save.error)} />}
        {notice}
        {FIELDS.map(({ key, label, hint }) => (
          <Field key={key} label={label} hint={hint} error={problems[key]}>
            {(control) => (
              <input
                {...control}
                inputMode="decimal"
                className="field w-40"
                placeholder="no limit"
                value={draft[key]}
                onChange={(event) => setDraft({ ...draft, [key]: event.target.value })}
              />
            )}
          </Field>
        ))}
        <p className="text-xs text-ink-mute">A lower limit stops nothing that runs; it holds back what would start next.</p>
      </div>
      <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">
        <DrawerClose />
        <Button type="submit" variant="primary" disabled={save.isPending}>
          Save limits
        </Button>
      </footer>
      {unsaved.question}
    </form>
  );
}

export function LimitsDrawer({ queue, onClose }: { queue: Queue | undefined; onClose(): void }) {
  return (
    <Drawer title={queue === undefined ? 'Limits' : `Limits of ${queue.name}`} isOpen={queue !== undefined} onClose={onClose}>
      {queue !== undefined && <Form key={queue.name} queue={queue} onDone={onClose} />}
    </Drawer>
  );
}
