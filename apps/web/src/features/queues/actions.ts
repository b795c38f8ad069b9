import { useMutation } from '@tanstack/react-query';
import type { Queue } from '@tidemark/core/queues/contract';
import { toFailure } from '../../lib/failure.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { notify } from '../../ui/toast.tsx';

export function refreshQueues(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: trpc.queues.pathKey() });
}

async function setPaused(name: string, isPaused: boolean): Promise<void> {
  await (isPaused ? client.queues.pause.mutate({ name }) : client.queues.resume.mutate({ name }));
  await refreshQueues();
}

function failed(verb: string, name: string, error: unknown): void {
  notify({ title: `Could not ${verb} ${name}`, detail: toFailure(error).message, tone: 'red' });
}

/** Pauses or resumes at once; the notice offers the way back. */
export function usePause(queue: Queue) {
  return useMutation({
    mutationFn: () => setPaused(queue.name, !queue.is_paused),
    onSuccess: () => {
      const isNowPaused = !queue.is_paused;
      notify({
        title: isNowPaused ? `${queue.name} is paused` : `${queue.name} starts work again`,
        detail: isNowPaused ? 'What runs goes on; nothing new starts.' : '',
        undo: () => void setPaused(queue.name, queue.is_paused).catch((error: unknown) => failed('undo that for', queue.name, error)),
      });
    },
    onError: (error) => failed(queue.is_paused ? 'resume' : 'pause', queue.name, error),
  });
}
