import { useMutation } from '@tanstack/react-query';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { notify } from '../../ui/toast.tsx';

export type Verb = 'run' | 'pause' | 'resume';

const WORDS = {
  run: { title: 'Run', said: 'started', failed: 'Could not run' },
  pause: { title: 'Pause', said: 'paused', failed: 'Could not pause' },
  resume: { title: 'Resume', said: 'resumed', failed: 'Could not resume' },
} as const;

/** What may be asked of a monitor as it stands; the server has the last word. */
export function canDo(verb: Verb, monitor: Pick<Monitor, 'status' | 'type'>): boolean {
  if (verb === 'run') return monitor.type !== 'heartbeat';
  return verb === 'pause' ? monitor.status === 'active' : monitor.status === 'paused';
}

export async function refreshMonitors(): Promise<void> {
  await Promise.all([trpc.monitors, trpc.transfer].map((part) => queryClient.invalidateQueries({ queryKey: part.pathKey() })));
}

async function call(verb: Verb, id: string): Promise<void> {
  if (verb === 'run') await client.monitors.run.mutate({ test_id: id });
  else await client.monitors[verb].mutate({ test_id: id });
}

const PARALLEL = 6;

async function callAll(verb: Verb, ids: readonly string[]): Promise<{ done: string[]; failures: string[] }> {
  const waiting = [...ids];
  const done: string[] = [];
  const failures: string[] = [];
  const drain = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const taken = id;
      await call(verb, taken).then(
        () => done.push(taken),
        (error: unknown) => failures.push(toFailure(error).message),
      );
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, drain));
  return { done, failures };
}

/** Runs, pauses or resumes monitors and says how it went; a pause and a resume can be taken back. */
export function useAct() {
  return useMutation({
    mutationFn: async ({ verb, ids }: { verb: Verb; ids: readonly string[] }) => ({ verb, ...(await callAll(verb, ids)) }),
    onSuccess: async ({ verb, done, failures }) => {
      const opposite = verb === 'pause' ? 'resume' : 'pause';
      const undo = async (): Promise<void> => {
        await callAll(opposite, done);
        await refreshMonitors();
      };
      if (done.length > 0) {
        const title = verb === 'run' ? `${plural(done.length, 'run')} started` : `${plural(done.length, 'monitor')} ${WORDS[verb].said}`;
        notify({ title, ...(verb === 'run' ? {} : { undo: () => void undo() }) });
      }
      if (failures.length > 0)
        notify({
          title: `${WORDS[verb].failed} ${plural(failures.length, 'monitor')}`,
          detail: [...new Set(failures)].slice(0, 3).join(' '),
          tone: 'red',
        });
      await refreshMonitors();
    },
  });
}
