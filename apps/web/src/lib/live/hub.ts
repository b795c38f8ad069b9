import type { SHARED_STREAMS, StreamEvent } from '@tidemark/core/events/contract';
import { serverNow } from '../clock.ts';
import { Feed } from './feed.ts';
import type { OpenStream } from './feed.ts';
import { readPosition } from './mux.ts';

export type LiveMode = 'live' | 'connecting' | 'lagging' | 'paused' | 'offline' | 'fixed';

export interface LiveStatus {
  mode: LiveMode;
  /** Events that arrived while paused. */
  held: number;
  /** Local time since which the page is out of date; null when it is not. */
  staleSince: number | null;
}

/** `resync` says that something may have been missed: read again. */
export type LiveListener = (events: StreamEvent[], isResync: boolean) => void;
export type LiveStream = (typeof SHARED_STREAMS)[number];

const OFFLINE_AFTER_MS = 60_000;
const LAG_MS = 5000;
const HIDDEN_GRACE_MS = 10_000;

/** Everything live on the page: the shared feeds, extra feeds of single pages, and the one truthful state of them all. */
class LiveHub {
  #feeds = new Map<LiveStream, { feed: Feed; listeners: Set<LiveListener> }>();
  #attached = new Set<Feed>();
  #statusListeners = new Set<() => void>();
  #status: LiveStatus = { mode: 'connecting', held: 0, staleSince: null };
  #isPaused = false;
  #pausedAt: number | null = null;
  #held = 0;
  #fixed = 0;
  #lagUntil = 0;
  #offlineTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #isSuspended = false;
  #hasBegun = false;
  /** Where each stream stood before the page asked its first question; of those that have not been connected yet. */
  #before = new Map<string, string>();

  status = (): LiveStatus => this.#status;

  /** Neither events nor focus may change the page. */
  isHeld = (): boolean => this.#isPaused || this.#fixed > 0;
  isPaused = (): boolean => this.#isPaused;

  onStatus = (listener: () => void): (() => void) => {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  };

  /** Must be called once per stream before anyone listens. */
  register(stream: LiveStream, open: OpenStream): void {
    const listeners = new Set<LiveListener>();
    const feed = new Feed({
      open,
      onEvents: (events) => this.#receive(stream, events),
      onOpen: (position) => this.#opened(stream, position),
      onChange: () => this.#update(),
    });
    this.#feeds.set(stream, { feed, listeners });
  }

  /** Tells where the streams stand, before anything that they change is asked for; only the first time counts. */
  beginAt(position: string): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#before = readPosition(position);
  }

  listen(stream: LiveStream, listener: LiveListener): () => void {
    const entry = this.#feeds.get(stream);
    if (entry === undefined) throw new Error(`No feed for ${stream}.`);
    entry.listeners.add(listener);
    if (!this.#isSuspended) entry.feed.start();
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size === 0) entry.feed.stop();
    };
  }

  /** Counts a page's own feed into the state shown; the page starts and stops it. */
  attach(feed: Feed): () => void {
    this.#attached.add(feed);
    this.#update();
    return () => {
      this.#attached.delete(feed);
      this.#update();
    };
  }

  /** A page's own feed changed its state or received while paused. */
  changed = (held = 0): void => {
    this.#held += held;
    this.#update();
  };

  setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    this.#pausedAt = isPaused ? Date.now() : null;
    this.#held = 0;
    if (!isPaused) this.#resync();
    this.#update();
  }

  /** While a page shows a range that has ended, nothing in it moves. */
  holdFixed(): () => void {
    this.#fixed += 1;
    this.#update();
    return () => {
      this.#fixed -= 1;
      if (!this.isHeld()) this.#resync();
      this.#update();
    };
  }

  retryNow = (): void => {
    for (const feed of this.#allFeeds()) feed.retryNow();
  };

  /** A hidden tab keeps its streams for a moment, then lets go; on return it resumes. */
  followVisibility(): void {
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.#hiddenTimer);
      if (document.hidden) this.#hiddenTimer = setTimeout(() => this.#suspend(), HIDDEN_GRACE_MS);
      else if (this.#isSuspended) this.#wake();
    });
  }

  #suspend(): void {
    this.#isSuspended = true;
    for (const feed of this.#allFeeds()) feed.stop();
  }

  #wake(): void {
    this.#isSuspended = false;
    for (const { feed, listeners } of this.#feeds.values()) if (listeners.size > 0) feed.start();
    for (const feed of this.#attached) feed.start();
  }

  #allFeeds(): Feed[] {
    return [...[...this.#feeds.values()].map((entry) => entry.feed), ...this.#attached];
  }

  #receive(stream: LiveStream, events: StreamEvent[]): void {
    const last = events.at(-1);
    if (last !== undefined && serverNow() - Date.parse(last.created_at) > LAG_MS) this.#lagged();
    const listeners = this.#feeds.get(stream)?.listeners ?? new Set();
    if (this.isHeld()) {
      this.#held += events.length;
      this.#update();
      return;
    }
    this.#tell(
      listeners,
      events,
      events.some((event) => event.type === 'gap'),
    );
  }

  #lagged(): void {
    this.#lagUntil = Date.now() + 2000;
    setTimeout(() => this.#update(), 2050);
    this.#update();
  }

  /** Connected again, something may have been missed. Connected for the first time, only if the stream has moved since the page began. */
  #opened(stream: LiveStream, position: string | null): void {
    const before = this.#before.get(stream);
    this.#before.delete(stream);
    // A position told after this is newer than what the page has read.
    this.#hasBegun = true;
    if (before !== undefined && before === position) return;
    this.#tell(this.#feeds.get(stream)?.listeners ?? [], [], true);
  }

  #resync(): void {
    for (const { listeners } of this.#feeds.values()) this.#tell(listeners, [], true);
  }

  #tell(listeners: Iterable<LiveListener>, events: StreamEvent[], isResync: boolean): void {
    if (this.isHeld()) return;
    for (const listener of listeners) listener(events, isResync);
  }

  #update(): void {
    const down = this.#allFeeds()
      .filter((feed) => feed.state === 'connecting')
      .map((feed) => feed.downSince ?? Date.now());
    const downSince = down.length === 0 ? null : Math.min(...down);
    const mode = this.#mode(downSince);
    const staleSince = mode === 'paused' ? this.#pausedAt : downSince;
    const previous = this.#status;
    if (previous.mode === mode && previous.held === this.#held && previous.staleSince === staleSince) return;
    this.#status = { mode, held: this.#held, staleSince };
    clearTimeout(this.#offlineTimer);
    if (mode === 'connecting' && downSince !== null) {
      this.#offlineTimer = setTimeout(() => this.#update(), Math.max(0, downSince + OFFLINE_AFTER_MS - Date.now()) + 50);
    }
    for (const listener of this.#statusListeners) listener();
  }

  #mode(downSince: number | null): LiveMode {
    const isOffline = !navigator.onLine || (downSince !== null && Date.now() - downSince >= OFFLINE_AFTER_MS);
    if (downSince !== null && isOffline) return 'offline';
    if (this.#isPaused) return 'paused';
    if (this.#fixed > 0) return 'fixed';
    if (downSince !== null) return 'connecting';
    return Date.now() < this.#lagUntil ? 'lagging' : 'live';
  }
}

export const live = new LiveHub();
