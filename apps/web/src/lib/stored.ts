import { useSyncExternalStore } from 'react';

/** A preference kept in this browser and shared by all its tabs. Falls back to memory where storage is blocked. */
export interface Stored<T> {
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

const PREFIX = 'tidemark.';

function read(key: string): unknown {
  try {
    const raw = localStorage.getItem(PREFIX + key);
    return raw === null ? undefined : JSON.parse(raw);
  } catch {
    return undefined;
  }
}

/** `parse` turns whatever was stored, possibly by an older release, into a valid value. */
export function createStored<T>(key: string, parse: (raw: unknown) => T): Stored<T> {
  let current = parse(read(key));
  const listeners = new Set<() => void>();
  const publish = (value: T): void => {
    current = value;
    for (const listener of listeners) listener();
  };
  window.addEventListener('storage', (event) => {
    if (event.key === PREFIX + key) publish(parse(read(key)));
  });
  return {
    get: () => current,
    set(value) {
      try {
        localStorage.setItem(PREFIX + key, JSON.stringify(value));
      } catch {
        // Blocked storage: the choice lasts until the page is closed.
      }
      publish(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStored<T>(stored: Stored<T>): T {
  return useSyncExternalStore(stored.subscribe, stored.get);
}
