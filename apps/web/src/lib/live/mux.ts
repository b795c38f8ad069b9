import { isRecord } from '../record.ts';
import type { OpenStream, StreamHandlers } from './feed.ts';

/** What one subscription to several streams tells. */
export interface ManyHandlers {
  onMessage(message: unknown): void;
  /** The connection was lost and is being made again. */
  onLost(): void;
  onError(cause: unknown): void;
}

export type OpenMany = (streams: string, lastEventId: string | null, handlers: ManyHandlers) => { unsubscribe(): void };

interface Entry {
  lastEventId: string | null;
  handlers: StreamHandlers;
  isOpen: boolean;
}

interface Message {
  id: string;
  event: { stream: string; id: string } | null;
}

/** A tracked message is `{ id, data: { id, event } }`. */
function readMessage(message: unknown): Message | null {
  const inner = isRecord(message) && 'data' in message ? message['data'] : message;
  if (!isRecord(inner) || typeof inner['id'] !== 'string') return null;
  const { id, event } = inner;
  if (event === null) return { id, event };
  if (!isRecord(event) || typeof event['stream'] !== 'string' || typeof event['id'] !== 'string') return null;
  return { id, event: { ...event, stream: event['stream'], id: event['id'] } };
}

/** `workloads=<id>,workers=<id>`: where a reader stands in each stream. */
export function readPosition(position: string): Map<string, string> {
  const pairs = position.split(',').map((pair) => pair.split('='));
  return new Map(pairs.flatMap(([stream, id]) => (stream === undefined || id === undefined ? [] : [[stream, id]])));
}

/**
 * One connection for all the streams of this tab, since a browser allows six to a site, over all tabs. When a stream comes or goes it is
 * made anew, after what each of the others has seen.
 */
export class Mux {
  readonly #openMany: OpenMany;
  readonly #entries = new Map<string, Entry>();
  #subscription: { unsubscribe(): void } | null = null;
  #generation = 0;
  #isReopening = false;

  constructor(openMany: OpenMany) {
    this.#openMany = openMany;
  }

  /** The way for one feed into the shared connection. */
  open(stream: string): OpenStream {
    return (lastEventId, handlers) => {
      this.#entries.set(stream, { lastEventId, handlers, isOpen: false });
      this.#reopenSoon();
      return {
        unsubscribe: () => {
          if (this.#entries.get(stream)?.handlers !== handlers) return;
          this.#entries.delete(stream);
          this.#reopenSoon();
        },
      };
    };
  }

  /** Several that come and go in one turn make one new connection. */
  #reopenSoon(): void {
    if (this.#isReopening) return;
    this.#isReopening = true;
    setTimeout(() => this.#reopen(), 0);
  }

  #reopen(): void {
    this.#isReopening = false;
    this.#generation += 1;
    const generation = this.#generation;
    this.#subscription?.unsubscribe();
    this.#subscription = null;
    if (this.#entries.size === 0) return;
    const current = (act: () => void): void => {
      if (generation === this.#generation) act();
    };
    const seen = [...this.#entries].filter(([, { lastEventId }]) => lastEventId !== null);
    const cursor = seen.map(([stream, { lastEventId }]) => `${stream}=${lastEventId}`).join(',');
    this.#subscription = this.#openMany([...this.#entries.keys()].join(','), cursor === '' ? null : cursor, {
      onMessage: (message) => current(() => this.#receive(message)),
      onLost: () => current(() => this.#lost((handlers) => handlers.onConnecting())),
      onError: (cause) => current(() => this.#lost((handlers) => handlers.onError(cause))),
    });
  }

  /** The first message of a connection: from here on nothing is missed, even if it is made anew before its first event. */
  #began(position: string): void {
    const positions = readPosition(position);
    for (const [stream, entry] of Array.from(this.#entries)) {
      const begin = positions.get(stream) ?? null;
      entry.lastEventId ??= begin;
      if (entry.isOpen) continue;
      entry.isOpen = true;
      entry.handlers.onOpen(begin);
    }
  }

  #receive(message: unknown): void {
    const read = readMessage(message);
    if (read === null) return;
    if (read.event === null) {
      this.#began(read.id);
      return;
    }
    const entry = this.#entries.get(read.event.stream);
    if (entry === undefined) return;
    entry.lastEventId = read.event.id;
    entry.handlers.onEvent(read.event);
  }

  #lost(tell: (handlers: StreamHandlers) => void): void {
    for (const entry of Array.from(this.#entries.values())) {
      entry.isOpen = false;
      tell(entry.handlers);
    }
  }
}
