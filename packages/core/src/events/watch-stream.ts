import type { CoreContext } from '../ports/index.ts';
import type { StreamEvent } from './contract.ts';
import { eventId, standingOf, type Standing } from './positions.ts';
import { boundsOf, readShared, toStreamEvent, type PlacedItem } from './read-stream.ts';
import { readWorkloadStream, workloadHead } from './read-workload-stream.ts';

interface Source {
  readonly topic: string;
  read(after: number): Promise<PlacedItem[]>;
}

/** A signal that remembers it was raised, so that news between a read and the wait is not lost. */
class News {
  #isRaised = false;
  #wake: (() => void) | null = null;

  raise(): void {
    this.#isRaised = true;
    this.#wake?.();
  }

  /** Resolves at the next news, or when the signal aborts. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#isRaised && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#wake = null;
    this.#isRaised = false;
  }
}

function gapEvent(ctx: CoreContext, stream: string, gap: { position: number; reason: string; asked: string | null }): StreamEvent {
  return {
    id: eventId(ctx.logEpoch, gap.position),
    stream,
    type: 'gap',
    data: { reason: gap.reason, asked: gap.asked, position: gap.position },
    created_at: new Date(ctx.now()).toISOString(),
  };
}

interface Start {
  readonly position: number;
  readonly gap: StreamEvent | null;
}

function startFrom(ctx: CoreContext, stream: string, at: { standing: Standing; head: number; asked: string }): Start {
  if (at.standing.kind === 'at') return { position: at.standing.position, gap: null };
  return {
    position: at.head,
    gap: gapEvent(ctx, stream, { position: at.head, reason: at.standing.reason, asked: at.asked.slice(0, 128) }),
  };
}

/** Follows a source from a position for ever. The listener is attached before the first read: nothing falls between. */
async function* follow(
  ctx: CoreContext,
  asked: { source: Source; stream: string; start: () => Promise<Start> },
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const news = new News();
  const stopListening = ctx.hub.listen(asked.source.topic, () => news.raise());
  try {
    const { position: from, gap } = await asked.start();
    if (gap !== null) yield gap;
    let position = from;
    while (!signal.aborted) {
      const placed = await asked.source.read(position);
      for (const entry of placed) {
        if (signal.aborted) return;
        if (entry.position !== position + 1 && position > 0) {
          yield gapEvent(ctx, asked.stream, { position: entry.position - 1, reason: 'trimmed', asked: eventId(ctx.logEpoch, position) });
        }
        yield await toStreamEvent(ctx, asked.stream, entry);
        position = entry.position;
      }
      if (placed.length === 0) await news.next(signal);
    }
  } finally {
    stopListening();
  }
}

/**
 * Follows a shared stream (`workloads`, `workers`). Without `after` it starts with the last `replay` events (default none);
 * with it, right after that event, and one `gap` event first when that is no longer possible. Ends when `signal` aborts.
 */
export function watchStream(
  ctx: CoreContext,
  input: { stream: string; after: string | null; replay?: number },
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const source: Source = { topic: input.stream, read: (after) => readShared(ctx, input.stream, after) };
  const start = async (): Promise<Start> => {
    const { head, floor } = await boundsOf(ctx, input.stream);
    if (input.after === null) return { position: Math.max(floor, head - (input.replay ?? 0)), gap: null };
    return startFrom(ctx, input.stream, {
      standing: standingOf(input.after, { epoch: ctx.logEpoch, floor, head }),
      head,
      asked: input.after,
    });
  };
  return follow(ctx, { source, stream: input.stream, start }, signal);
}

/**
 * Follows one workload: everything from its creation (or after `after`), live output included.
 * @throws {AppError} NOT_FOUND at the first step.
 */
export function watchWorkload(
  ctx: CoreContext,
  input: { id: string; after: string | null },
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const source: Source = { topic: input.id, read: (after) => readWorkloadStream(ctx, input.id, after) };
  const start = async (): Promise<Start> => {
    const head = await workloadHead(ctx, input.id);
    if (input.after === null) return { position: 0, gap: null };
    return startFrom(ctx, input.id, {
      standing: standingOf(input.after, { epoch: ctx.logEpoch, floor: 0, head }),
      head,
      asked: input.after,
    });
  };
  return follow(ctx, { source, stream: input.id, start }, signal);
}
