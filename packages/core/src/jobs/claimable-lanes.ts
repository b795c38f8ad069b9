import { missingFor } from '../lanes/index.ts';
import type { CoreContext, QueueSettings, WorkerCapabilities } from '../ports/index.ts';

/** What a worker can take from: lanes without limits in one statement, and queues with limits one by one. */
export interface Claimable {
  readonly lanes: readonly number[];
  readonly limited: readonly { readonly queue: QueueSettings; readonly lanes: readonly number[]; readonly queueLanes: readonly number[] }[];
  /** Every lane it may ever be woken for, paused ones included. */
  readonly all: readonly number[];
}

interface Known {
  readonly version: string;
  readonly claimable: Claimable;
}

const known = new WeakMap<WorkerCapabilities, Known>();

function compute(ctx: CoreContext, worker: WorkerCapabilities): Claimable {
  const every = ctx.lanes.all();
  const lanes: number[] = [];
  const all: number[] = [];
  const limited = new Map<string, { queue: QueueSettings; lanes: number[]; queueLanes: number[] }>();
  for (const lane of every) {
    if (missingFor(worker, lane) !== null) continue;
    all.push(lane.id);
    const queue = ctx.queues.find(lane.queue);
    if (queue?.is_paused === true) continue;
    if (queue === undefined || !queue.is_limited) {
      lanes.push(lane.id);
      continue;
    }
    const entry = limited.get(queue.name) ?? {
      queue,
      lanes: [],
      queueLanes: every.filter((other) => other.queue === queue.name).map((other) => other.id),
    };
    entry.lanes.push(lane.id);
    limited.set(queue.name, entry);
  }
  return { lanes: lanes.sort((left, right) => left - right), limited: [...limited.values()], all };
}

/** What the worker can take from; remembered until a lane, a queue's settings or the worker changes. */
export function claimableOf(ctx: CoreContext, worker: WorkerCapabilities): Claimable {
  const version = `${ctx.lanes.version}.${ctx.queues.version}`;
  const found = known.get(worker);
  if (found !== undefined && found.version === version) return found.claimable;
  const claimable = compute(ctx, worker);
  known.set(worker, { version, claimable });
  return claimable;
}
