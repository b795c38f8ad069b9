import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { notify } from '../../ui/toast.tsx';

const AT_ONCE = 20;

/** Ids of everything the bulk action was carried out on. */
async function* succeeded(id: string): AsyncIterable<string[]> {
  let cursor: string | undefined;
  do {
    const page = await client.operations.items.query({ id, refused: false, limit: 1000, cursor });
    const ids = page.items.map((item) => item.workload_id);
    for (let start = 0; start < ids.length; start += AT_ONCE) yield ids.slice(start, start + AT_ONCE);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/**
 * Takes a bulk cancel back: exactly the workloads it cancelled are queued again, from their last checkpoint. Goes on only while
 * the page is open; asking again does the rest, since what is queued already is refused and not doubled.
 */
export function useUndoCancel(id: string) {
  const [done, setDone] = useState(0);
  const undo = useMutation({
    mutationFn: async () => {
      let queued = 0;
      const refusals = new Set<string>();
      for await (const ids of succeeded(id)) {
        const results = await Promise.allSettled(ids.map((workload) => client.workloads.retry.mutate({ id: workload })));
        for (const result of results) {
          if (result.status === 'fulfilled') queued += 1;
          else refusals.add(toFailure(result.reason).message);
        }
        setDone(queued);
      }
      return { queued, refusals: [...refusals] };
    },
    onSuccess: ({ queued, refusals }) => {
      notify({
        title: `${plural(queued, 'workload')} queued again`,
        detail: refusals.length === 0 ? '' : `Some were left as they are: ${refusals.slice(0, 2).join(' ')}`,
      });
      return queryClient.invalidateQueries({ queryKey: trpc.workloads.pathKey() });
    },
    onError: (error) => notify({ title: `Stopped after ${formatCount(done)}`, detail: toFailure(error).message, tone: 'red' }),
  });
  return { ...undo, done };
}
