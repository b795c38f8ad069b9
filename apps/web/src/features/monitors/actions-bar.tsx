import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Copy, Pause, Play, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { toFailure } from '../../lib/failure.ts';
import { client } from '../../lib/trpc.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { notify } from '../../ui/toast.tsx';
import { canDo, refreshMonitors, useAct } from './actions.ts';

function refused(title: string) {
  return (error: unknown) => notify({ title, detail: toFailure(error).message, tone: 'red' });
}

function RunNow({ monitor }: { monitor: Monitor }) {
  const navigate = useNavigate();
  const run = useMutation({
    mutationFn: () => client.monitors.run.mutate({ test_id: monitor.id }),
    onSuccess: ({ run_id }) => navigate({ to: '/monitors/$id/runs/$runId', params: { id: monitor.id, runId: run_id } }),
    onError: refused('Could not run it'),
  });
  return (
    <Button variant="primary" disabled={run.isPending} onClick={() => run.mutate()}>
      <RotateCw aria-hidden className="size-4" /> Run now
    </Button>
  );
}

function PauseButton({ monitor }: { monitor: Monitor }) {
  const act = useAct();
  const verb = monitor.status === 'active' ? 'pause' : 'resume';
  const Icon = verb === 'pause' ? Pause : Play;
  return (
    <Button disabled={act.isPending} onClick={() => act.mutate({ verb, ids: [monitor.id] })}>
      <Icon aria-hidden className="size-4" /> {verb === 'pause' ? 'Pause' : 'Resume'}
    </Button>
  );
}

function Clone({ monitor }: { monitor: Monitor }) {
  const navigate = useNavigate();
  const clone = useMutation({
    mutationFn: () => client.monitors.clone.mutate({ test_id: monitor.id }),
    onSuccess: async (copy) => {
      notify({ title: 'Copied', detail: `${copy.name} is paused until you resume it.` });
      await refreshMonitors();
      await navigate({ to: '/monitors/$id', params: { id: copy.id }, search: { tab: 'configuration' } });
    },
    onError: refused('Could not copy it'),
  });
  return (
    <Button disabled={clone.isPending} onClick={() => clone.mutate()}>
      <Copy aria-hidden className="size-4" /> Clone
    </Button>
  );
}

function DeleteForm({ monitor }: { monitor: Monitor }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const isTyped = typed.trim() === monitor.name.trim();
  const remove = useMutation({
    mutationFn: () => client.monitors.remove.mutate({ test_id: monitor.id }),
    onSuccess: async () => {
      notify({ title: 'Deleted', detail: monitor.name });
      // Edits of what is gone are not worth a question.
      await navigate({ to: '/monitors', ignoreBlocker: true });
      await refreshMonitors();
    },
    onError: refused('Could not delete it'),
  });
  return (
    <form
      className="mt-3 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isTyped) remove.mutate();
      }}
    >
      <Field label={`Type ${monitor.name} to confirm`}>
        {(control) => (
          <input
            {...control}
            className="field w-full"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <AlertDialog.Close className={buttonClass()}>Keep it</AlertDialog.Close>
        <Button type="submit" variant="danger" disabled={!isTyped || remove.isPending}>
          Delete monitor
        </Button>
      </div>
    </form>
  );
}

/** History goes with it, for good: its name is typed first, anew each time. */
function Delete({ monitor }: { monitor: Monitor }) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger render={<Button />}>
        <Trash2 aria-hidden className="size-4" /> Delete
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <AlertDialog.Popup className="fixed top-1/2 left-1/2 z-50 w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-xl border border-line bg-surface p-5 shadow-float">
          <AlertDialog.Title className="text-base font-semibold">Delete {monitor.name}?</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-sm text-ink-soft">
            Its results, figures and outages are removed for good. Pausing keeps them.
          </AlertDialog.Description>
          <DeleteForm monitor={monitor} />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

/** What a person may do with a monitor. */
export function Actions({ monitor }: { monitor: Monitor }) {
  return (
    <>
      {canDo('run', monitor) && <RunNow monitor={monitor} />}
      <PauseButton monitor={monitor} />
      <Clone monitor={monitor} />
      <Delete key={monitor.id} monitor={monitor} />
    </>
  );
}
