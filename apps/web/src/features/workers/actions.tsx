import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleArrowDown, OctagonAlert, Play, Trash2, Undo2 } from 'lucide-react';
import type { Worker } from '@tidemark/core/workers/contract';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/toast.tsx';

const CALLS = {
  drain: { call: (id: string) => client.workers.drain.mutate({ id }), said: 'Draining: it takes nothing new' },
  resume: { call: (id: string) => client.workers.resume.mutate({ id }), said: 'It takes work again' },
  quarantine: { call: (id: string) => client.workers.quarantine.mutate({ id }), said: 'In quarantine: it gets no more jobs' },
  unquarantine: { call: (id: string) => client.workers.unquarantine.mutate({ id }), said: 'Quarantine ended' },
  forget: { call: (id: string) => client.workers.forget.mutate({ id }), said: 'Forgotten' },
} as const;
type Decision = keyof typeof CALLS;

function useDecide(worker: Worker) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (decision: Decision) => {
      await CALLS[decision].call(worker.id);
      return decision;
    },
    onSuccess: async (decision) => {
      notify({ title: CALLS[decision].said, detail: worker.name });
      if (decision === 'forget') await navigate({ to: '/workers' });
      await queryClient.invalidateQueries({ queryKey: trpc.workers.pathKey() });
    },
    onError: (error, decision) => notify({ title: `Could not ${decision} ${worker.name}`, detail: toFailure(error).message, tone: 'red' }),
  });
}

function held(worker: Worker): string {
  return worker.slots_used === 0 ? 'It holds nothing now.' : `It may finish the ${plural(worker.slots_used, 'workload')} it holds.`;
}

type Decide = ReturnType<typeof useDecide>;

function Draining({ worker, decide }: { worker: Worker; decide: Decide }) {
  if (worker.drain_requested) {
    return (
      <Button disabled={decide.isPending} onClick={() => decide.mutate('resume')}>
        <Play aria-hidden className="size-4" /> Resume
      </Button>
    );
  }
  return (
    <Confirm
      title={`Drain ${worker.name}?`}
      action="Drain"
      dismiss="Not now"
      onConfirm={() => decide.mutate('drain')}
      trigger={
        <Button disabled={decide.isPending}>
          <CircleArrowDown aria-hidden className="size-4" /> Drain
        </Button>
      }
    >
      It takes nothing new until it is resumed or started again. {held(worker)}
    </Confirm>
  );
}

function Quarantine({ worker, decide }: { worker: Worker; decide: Decide }) {
  if (worker.quarantined) {
    return (
      <Button disabled={decide.isPending} onClick={() => decide.mutate('unquarantine')}>
        <Undo2 aria-hidden className="size-4" /> End quarantine
      </Button>
    );
  }
  return (
    <Confirm
      title={`Put ${worker.name} in quarantine?`}
      action="Quarantine"
      dismiss="Not now"
      isDangerous
      onConfirm={() => decide.mutate('quarantine')}
      trigger={
        <Button disabled={decide.isPending}>
          <OctagonAlert aria-hidden className="size-4" /> Quarantine
        </Button>
      }
    >
      It gets no more jobs, also after a restart, until a person ends the quarantine. {held(worker)}
    </Confirm>
  );
}

/** What a person may decide about a worker; only one that is gone can be forgotten. */
export function Actions({ worker }: { worker: Worker }) {
  const decide = useDecide(worker);
  const isGone = worker.liveness === 'lost' || worker.liveness === 'stopped';
  return (
    <>
      {!isGone && <Draining worker={worker} decide={decide} />}
      <Quarantine worker={worker} decide={decide} />
      {isGone && (
        <Confirm
          title={`Forget ${worker.name}?`}
          action="Forget worker"
          dismiss="Keep it"
          isDangerous
          onConfirm={() => decide.mutate('forget')}
          trigger={
            <Button disabled={decide.isPending}>
              <Trash2 aria-hidden className="size-4" /> Forget
            </Button>
          }
        >
          It leaves the list of workers. Its sessions and its reports are kept; it comes back when it registers again.
        </Confirm>
      )}
    </>
  );
}
