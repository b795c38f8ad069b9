import type { WorkerKey } from '@tidemark/core/workers';
import type { ApiContext } from './trpc.ts';

/** The worker key that calls; null for those who may speak for every worker. */
export function workerKeyOf({ actor }: ApiContext): WorkerKey | null {
  if (actor.role !== 'worker') return null;
  return { family: actor.key_family ?? actor.id ?? '', queues: actor.queues, kinds: actor.kinds };
}
