import type { WakeBus } from '../ports/database.ts';

type WakeListener = (topics: readonly string[]) => void;

/** Wakes the subscribers of this process, once per turn of the event loop however often it is published to. */
export class LocalWake implements WakeBus {
  readonly #listeners = new Set<WakeListener>();
  #pending = new Set<string>();

  publish(topics: readonly string[]): void {
    if (topics.length === 0) return;
    if (this.#pending.size === 0) setImmediate(() => this.#flush());
    for (const topic of topics) this.#pending.add(topic);
  }

  subscribe(listener: WakeListener): () => void {
    // A wrapper of its own, so that one function subscribed twice is two subscriptions.
    const own: WakeListener = (topics) => listener(topics);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  #flush(): void {
    const topics = [...this.#pending];
    this.#pending = new Set();
    for (const listener of this.#listeners) {
      // A listener that throws is a bug and must surface, but not before the others have heard the news.
      try {
        listener(topics);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
