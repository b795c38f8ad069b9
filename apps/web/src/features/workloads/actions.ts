import { useMutation } from '@tanstack/react-query';
import type { WorkloadSummary } from '@tidemark/core/workloads/contract';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { notify } from '../../ui/toast.tsx';

export type Verb = 'cancel' | 'retry';

/** What a person may ask of a workload in its present state; the server has the last word. */
export function canDo(verb: Verb, workload: Pick<WorkloadSummary, 'status' | 'cancel_requested_at'>): boolean {
  if (verb === 'cancel') return workload.status === 'pending' || (workload.status === 'running' && workload.cancel_requested_at === null);
  return workload.status === 'failed' || workload.status === 'cancelled';
}

function call(verb: Verb, id: string): Promise<Pick<WorkloadSummary, 'status'>> {
  return verb === 'cancel' ? client.workloads.cancel.mutate({ id }) : client.workloads.retry.mutate({ id });
}

function refreshAll(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: trpc.workloads.pathKey() });
}

/** Cancels or retries one workload and says how it went. */
export function useAct(verb: Verb, id: string) {
  return useMutation({
    mutationFn: () => call(verb, id),
    onSuccess: (workload) => {
      if (verb === 'retry') notify({ title: 'Queued again' });
      else
        notify(
          workload.status === 'cancelled'
            ? { title: 'Cancelled' }
            : { title: 'Cancel requested', detail: 'The worker was asked to stop; it has 30 seconds to confirm.' },
        );
      return refreshAll();
    },
    onError: (error) => {
      notify({ title: verb === 'cancel' ? 'Could not cancel' : 'Could not retry', detail: toFailure(error).message, tone: 'red' });
      return refreshAll();
    },
  });
}

const PARALLEL = 4;

/** Runs one verb over many, a few at a time, and tells how many it worked for and why not for the rest. */
export function useActOnMany(onDone: () => void) {
  return useMutation({
    mutationFn: async ({ verb, ids }: { verb: Verb; ids: readonly string[] }) => {
      const waiting = [...ids];
      const failures: string[] = [];
      const drain = async (): Promise<void> => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          await call(verb, id).catch((error: unknown) => failures.push(toFailure(error).message));
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, drain));
      return { verb, done: ids.length - failures.length, failures };
    },
    onSuccess: async ({ verb, done, failures }) => {
      const said = verb === 'cancel' ? `Cancel asked for ${plural(done, 'workload')}` : `${plural(done, 'workload')} queued again`;
      if (failures.length === 0) notify({ title: said });
      else notify({ title: `${said}, ${failures.length} refused`, detail: [...new Set(failures)].slice(0, 3).join(' '), tone: 'red' });
      onDone();
      await refreshAll();
    },
  });
}
