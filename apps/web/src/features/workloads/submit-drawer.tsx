import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { FormEvent } from 'react';
import type * as z from 'zod';
import type { CreateWorkloadInput } from '@tidemark/core/workloads/contract';
import { toFailure } from '../../lib/failure.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { EMPTY_DRAFT, readDraft } from './draft.ts';
import type { Draft, Problems } from './draft.ts';
import { OptionFields, WorkFields } from './submit-fields.tsx';

/** A key for one wish to submit: pressing twice, or again after a lost answer, creates one workload. */
function newKey(): string {
  return `web-${Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function useSubmit(onDone: (id: string) => void) {
  return useMutation({
    mutationFn: (input: z.output<typeof CreateWorkloadInput>) => client.workloads.create.mutate(input),
    onSuccess: (workload) => {
      notify({ title: 'Workload submitted' });
      void queryClient.invalidateQueries({ queryKey: trpc.workloads.pathKey() });
      onDone(workload.id);
    },
  });
}

function SubmitForm({ onDone }: { onDone(id: string): void }) {
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [problems, setProblems] = useState<Problems>({});
  const key = useRef(newKey());
  const form = useRef<HTMLFormElement>(null);
  const unsaved = useUnsaved(draft);
  const submit = useSubmit((id) => {
    unsaved.settle();
    onDone(id);
  });
  const change = (part: Partial<Draft>): void => {
    setDraft((last) => ({ ...last, ...part }));
    setProblems({});
    key.current = newKey();
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const result = readDraft(draft);
    if (result.ok) submit.mutate({ ...result.input, idempotency_key: key.current });
    else {
      setProblems(result.problems);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    }
  };
  return (
    <form ref={form} onSubmit={onSubmit} noValidate className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">
        <WorkFields draft={draft} problems={problems} onChange={change} />
        <OptionFields draft={draft} problems={problems} onChange={change} />
        {submit.error !== null && <FailureStrip what="Not submitted." failure={toFailure(submit.error)} />}
      </div>
      <footer className="flex items-center gap-2 border-t border-line px-5 py-3">
        <Button type="submit" variant="primary" disabled={submit.isPending}>
          {submit.isPending ? 'Submitting…' : 'Submit workload'}
        </Button>
        <span className="text-xs text-ink-mute">A free worker that offers this isolation picks it up.</span>
      </footer>
      {unsaved.question}
    </form>
  );
}

/** The form that runs a command or a script from the page; open while the address says `panel=new`. */
export function SubmitDrawer({ isOpen }: { isOpen: boolean }) {
  const navigate = useNavigate();
  const close = (): void => void navigate({ to: '/workloads', search: (last) => ({ ...last, panel: undefined }) });
  return (
    <Drawer title="Submit a workload" isOpen={isOpen} onClose={close}>
      <SubmitForm onDone={(id) => void navigate({ to: '/workloads/$id', params: { id } })} />
    </Drawer>
  );
}
