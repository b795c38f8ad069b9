import type { StreamEvent } from '@tidemark/core/events/contract';
import { isRecord } from '../record.ts';

export type FeedState = 'idle' | 'connecting' | 'open' | 'ended';

export interface StreamHandlers {
  /** Connected; the position after which events follow, where the stream has told one. */
  onOpen(position: string | null): void;
  onEvent(message: unknown): void;
  onConnecting(): void;
  onEnd(): void;
  onError(cause: unknown): void;
}

/** Opens the stream after `lastEventId` (from now, or from the start, when null: the procedure decides). */
export type OpenStream = (lastEventId: string | null, handlers: StreamHandlers) => { unsubscribe(): void };

export interface FeedOptions {
  open: OpenStream;
  onEvents(events: StreamEvent[]): void;
  /** Connected, for the first time or again, and what follows comes after this position. */
  onOpen(position: string | null): void;
  onChange(): void;
}

const FLUSH_MS = 100;
const MAX_DELAY_MS = 30_000;
/** A connection that leads nowhere is not refused either: it would be waited for until the browser is closed. */
const CONNECT_MS = 15_000;

/**
 * One resumable subscription: remembers the last event id, reconnects with back-off and jitter, drops what it has seen,
 * and hands events over in batches. It lets go of the network at once when the browser says it is offline.
 */
export class Feed {
  state: FeedState = 'idle';
  /** When the connection was lost, in local milliseconds; null while it stands. */
  downSince: number | null = null;
  #options: FeedOptions;
  #lastEventId: string | null = null;
  #subscription: { unsubscribe(): void } | null = null;
  #generation = 0;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #batch: StreamEvent[] = [];

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.state !== 'idle' && this.state !== 'ended') return;
    window.addEventListener('online', this.#online);
    window.addEventListener('offline', this.#offline);
    this.#connect();
  }

  /** Ends the connection and keeps the position, so that `start` resumes. */
  stop(): void {
    window.removeEventListener('online', this.#online);
    window.removeEventListener('offline', this.#offline);
    this.#close();
    this.downSince = null;
    this.#become('idle');
  }

  /** Tries again now instead of at the next back-off. */
  retryNow(): void {
    if (this.state === 'connecting') this.#online();
  }

  #online = (): void => {
    this.#failures = 0;
    this.#close();
    this.#connect();
  };

  #offline = (): void => {
    this.#close();
    this.#lose();
  };

  #close(): void {
    this.#generation += 1;
    clearTimeout(this.#retry);
    clearTimeout(this.#patience);
    this.#subscription?.unsubscribe();
    this.#subscription = null;
    this.#deliver();
  }

  #connect(): void {
    this.#generation += 1;
    const generation = this.#generation;
    const current = (act: () => void) => (): void => {
      if (generation === this.#generation) act();
    };
    this.#lose();
    this.#bePatient();
    this.#subscription = this.#options.open(this.#lastEventId, {
      onOpen: (position) => {
        if (generation === this.#generation) this.#opened(position);
      },
      onConnecting: current(() => {
        this.#lose();
        this.#bePatient();
      }),
      onEvent: (message) => {
        if (generation === this.#generation) this.#receive(message);
      },
      onEnd: current(() => this.#ended()),
      onError: current(() => this.#retryLater()),
    });
  }

  #bePatient(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#retryLater(), CONNECT_MS);
  }

  #opened(position: string | null): void {
    clearTimeout(this.#patience);
    this.#failures = 0;
    this.downSince = null;
    this.#become('open');
    this.#options.onOpen(position);
  }

  #ended(): void {
    this.#close();
    this.downSince = null;
    this.#become('ended');
  }

  #lose(): void {
    this.downSince ??= Date.now();
    this.#become('connecting');
  }

  #retryLater(): void {
    this.#close();
    this.#lose();
    const ceiling = Math.min(MAX_DELAY_MS, 500 * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#connect(), ceiling * (0.5 + Math.random() / 2));
  }

  #receive(message: unknown): void {
    const event = readEvent(message);
    if (event === null) return;
    // A gap tells the new position, which may lie behind the one that was asked for.
    if (event.type !== 'gap' && this.#lastEventId !== null && !isAfter(event.id, this.#lastEventId)) return;
    this.#lastEventId = event.id;
    this.#batch.push(event);
    this.#flush ??= setTimeout(() => this.#deliver(), FLUSH_MS);
  }

  #deliver(): void {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) this.#options.onEvents(batch);
  }

  #become(state: FeedState): void {
    if (this.state === state) return;
    this.state = state;
    this.#options.onChange();
  }
}

/** A tracked message is `{ id, data: event }`; an untracked one is the event itself. */
function readEvent(message: unknown): StreamEvent | null {
  const inner = isRecord(message) && 'data' in message && !('type' in message) ? message['data'] : message;
  return isEvent(inner) ? inner : null;
}

function isEvent(value: unknown): value is StreamEvent {
  if (!isRecord(value) || !isRecord(value['data'])) return false;
  return ['id', 'stream', 'type', 'created_at'].every((key) => typeof value[key] === 'string');
}

/** Positions compare as numbers within an epoch; another epoch is always news. */
function isAfter(id: string, last: string): boolean {
  const [epoch, position] = id.split('.');
  const [lastEpoch, lastPosition] = last.split('.');
  if (epoch !== lastEpoch) return true;
  return Number(position) > Number(lastPosition);
}
