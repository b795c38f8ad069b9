import type { Hub, WakeBus } from '../ports/index.ts';

/** Routes the wake bus to whoever listens to a topic in this process. */
export class EventHub implements Hub {
  readonly #wake: WakeBus;
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #stop: () => void;

  /** `onTopics` hears every wake, before the listeners of single topics. */
  constructor(wake: WakeBus, onTopics: (topics: readonly string[]) => void) {
    this.#wake = wake;
    this.#stop = wake.subscribe((topics) => {
      onTopics(topics);
      this.#dispatch(topics);
    });
  }

  publish(topics: readonly string[]): void {
    this.#wake.publish(topics);
  }

  listen(topic: string, onNews: () => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners);
    listeners.add(onNews);
    return () => {
      listeners.delete(onNews);
      if (listeners.size === 0) this.#listeners.delete(topic);
    };
  }

  /** What somebody here listens to. */
  topics(): string[] {
    return [...this.#listeners.keys()];
  }

  /** Lets the readers of these topics here look for themselves: the net under lost wake-ups. */
  raise(topics: readonly string[]): void {
    this.#dispatch(topics);
  }

  close(): void {
    this.#stop();
    this.#listeners.clear();
  }

  #dispatch(topics: readonly string[]): void {
    if (this.#listeners.size === 0) return;
    if (topics.includes('*')) {
      for (const listeners of this.#listeners.values()) for (const onNews of listeners) onNews();
      return;
    }
    for (const topic of new Set(topics)) for (const onNews of this.#listeners.get(topic) ?? []) onNews();
  }
}
