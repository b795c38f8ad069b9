import type { StreamEvent } from '@tidemark/core/events/contract';
import { AppError, notFound } from '@tidemark/core/errors';
import { isLimited, isWithin } from '@tidemark/core/lanes';
import { getWorkload } from '@tidemark/core/workloads';
import type { Actor } from './actor.ts';
import { shownStepEvent } from './shown-runs.ts';
import type { ApiContext } from './trpc.ts';

const CONTENTS = ['payload', 'output', 'checkpoint'] as const;

/** What a workload was given and said: withheld, and marked so, from who may not see payloads. */
export function shown<Job extends object>(actor: Actor, job: Job): Job {
  if (actor.sees_payloads) return job;
  const withheld = CONTENTS.filter((field) => field in job);
  if (withheld.length === 0) return job;
  return { ...job, ...Object.fromEntries(withheld.map((field) => [field, null])), withheld };
}

/** An event of the log: the text of output is content too, and so is what an outage quotes of an answer. */
export function shownEvent(actor: Actor, event: StreamEvent): StreamEvent {
  if (actor.sees_payloads) return event;
  if (event.type === 'output') return { ...event, data: { ...event.data, text: '', is_withheld: true } };
  if (event.stream.startsWith('monitor:')) return shownStepEvent(event);
  const isQuoting = event.type.startsWith('outage.') && 'error' in event.data;
  return isQuoting ? { ...event, data: { ...event.data, error: null, is_withheld: true } } : event;
}

export async function* shownEvents(actor: Actor, events: AsyncIterable<StreamEvent>): AsyncGenerator<StreamEvent, void> {
  for await (const event of events) yield shownEvent(actor, event);
}

/** @throws {AppError} FORBIDDEN when a key with limits asks for work beyond them */
export function requireLane({ actor }: ApiContext, lane: { readonly queue: string; readonly kind: string }): void {
  if (isWithin(actor, lane)) return;
  throw new AppError('FORBIDDEN', `This key may not create work of kind ${lane.kind} in the queue ${lane.queue}.`, {
    data: { reason: 'limits', queues: actor.queues, kinds: actor.kinds },
  });
}

/** Work beyond the limits of a key does not exist for it. @throws {AppError} NOT_FOUND */
export async function requireOwnLane({ actor, core }: ApiContext, { id }: { readonly id: string }): Promise<void> {
  if (!isLimited(actor)) return;
  if (!isWithin(actor, await getWorkload(core, { id }))) throw notFound('workload', id);
}
