import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { SHARED_STREAMS } from './contract.ts';
import type { ManyEvent, StreamEvent } from './contract.ts';
import { getHead } from './get-head.ts';
import { watchStream, watchWorkload } from './watch-stream.ts';

const SHARED: ReadonlySet<string> = new Set(SHARED_STREAMS);

/** A stream and the event after which to follow it; null is the beginning of a single workload's. */
export interface Followed {
  readonly stream: string;
  readonly after: string | null;
}

/** `workloads=<id>,wl_1=<id>`: where a reader of several streams stands in each. What does not parse is left out. */
function parsePositions(cursor: string): Map<string, string> {
  const pairs = cursor.split(',').map((pair) => pair.split('='));
  return new Map(pairs.flatMap(([stream, id]) => (stream === undefined || id === undefined || id === '' ? [] : [[stream, id]])));
}

function formatPositions(positions: ReadonlyMap<string, string>): string {
  // An event without an id could not be resumed after; what is no pair is left out when it is read.
  return positions.size === 0 ? '-' : [...positions].map(([stream, id]) => `${stream}=${id}`).join(',');
}

/** Where to begin in each stream: after what was seen; else shared streams begin now and single workloads at their start. */
export function beginMany(ctx: CoreContext, streams: readonly string[], cursor: string | null): Promise<Followed[]> {
  const seen = parsePositions(cursor ?? '');
  return Promise.all(
    [...new Set(streams)].map(async (stream) => {
      const known = seen.get(stream) ?? null;
      return { stream, after: known ?? (SHARED.has(stream) ? await getHead(ctx, { stream }) : null) };
    }),
  );
}

/** Where the shared streams stand: as the position of a reader that begins here, it tells everything from this moment on. */
export async function getPosition(ctx: CoreContext): Promise<string> {
  const followed = await beginMany(ctx, SHARED_STREAMS, null);
  return formatPositions(new Map(followed.map(({ stream, after }) => [stream, after ?? ''])));
}

/** Leaves out a workload that does not exist: the others go on. */
async function* orNothing(source: AsyncIterable<StreamEvent>): AsyncGenerator<StreamEvent> {
  try {
    yield* source;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
  }
}

/** Yields what any of the sources yields, as it comes; a source waits until its last one was taken, so nothing piles up. */
async function* merge<Item>(sources: readonly AsyncIterable<Item>[]): AsyncGenerator<Item> {
  const ready: { item: Item; taken: () => void }[] = [];
  const failures: unknown[] = [];
  let wake = (): void => undefined;
  const open = new Set(sources);
  let isOver = false;
  const pump = async (source: AsyncIterable<Item>): Promise<void> => {
    for await (const item of source) {
      if (isOver) return;
      await new Promise<void>((taken) => {
        ready.push({ item, taken });
        wake();
      });
    }
  };
  for (const source of sources) {
    void pump(source)
      .catch((error: unknown) => failures.push(error))
      .finally(() => {
        open.delete(source);
        wake();
      });
  }
  try {
    while (failures.length === 0 && (open.size > 0 || ready.length > 0)) {
      const entry = ready.shift();
      if (entry === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else {
        yield entry.item;
        entry.taken();
      }
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    isOver = true;
    for (const { taken } of ready) taken();
  }
}

/**
 * Follows several streams over one connection. Each entry's id is the reader's position in all of them, so that one id resumes
 * every stream without a gap or a duplicate; the first entry is a position only. Ends when `signal` aborts.
 */
export async function* watchMany(ctx: CoreContext, followed: readonly Followed[], signal: AbortSignal): AsyncGenerator<ManyEvent> {
  const positions = new Map(followed.flatMap(({ stream, after }) => (after === null ? [] : [[stream, after]])));
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const sources = followed.map(({ stream, after }) =>
    SHARED.has(stream) ? watchStream(ctx, { stream, after }, ends) : orNothing(watchWorkload(ctx, { id: stream, after }, ends)),
  );
  try {
    yield { id: formatPositions(positions), event: null };
    for await (const event of merge(sources)) {
      positions.set(event.stream, event.id);
      yield { id: formatPositions(positions), event };
    }
  } finally {
    over.abort();
  }
}
