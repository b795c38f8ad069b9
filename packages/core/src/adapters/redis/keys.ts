/** The keys of one monitor. The first five are those of requirement 002; the rest is this store's own index of them. */
export interface MonitorKeys {
  readonly results: string;
  readonly timing: string;
  readonly events: string;
  readonly incidents: string;
  readonly test: string;
  /** Sorted sets of run ids by start, apart by outcome; `ignored` holds what cannot be counted. */
  readonly passed: string;
  readonly failed: string;
  readonly ignored: string;
  /** Per run id: score in `results`, flags and duration. */
  readonly runs: string;
  /** Counts per bucket, and what the store remembers of the monitor. */
  readonly rollup: string;
  /** Per run in progress: the last chunk of events taken over. */
  readonly told: string;
}

export type Layout = 'plain' | 'tagged';

/**
 * `plain` is `results:abc`, as requirement 002 writes it; `tagged` is `results:{abc}`, which puts the keys of a monitor into one
 * slot of a Redis Cluster. The store's own keys are tagged in both.
 */
export function keysOf(testId: string, layout: Layout): MonitorKeys {
  const id = layout === 'tagged' ? `{${testId}}` : testId;
  const own = (name: string): string => `tidemark:{${testId}}:${name}`;
  return {
    results: `results:${id}`,
    timing: `timing:${id}`,
    events: `events:${id}`,
    incidents: `incidents:${id}`,
    test: `test:${id}`,
    passed: own('passed'),
    failed: own('failed'),
    ignored: own('ignored'),
    runs: own('runs'),
    rollup: own('rollup'),
    told: own('told'),
  };
}

/** The monitor a `test:` key is of, or null when it is no such key. */
export function monitorOf(testKey: string): string | null {
  return /^test:\{?([A-Za-z0-9_-]{1,64})\}?$/.exec(testKey)?.[1] ?? null;
}
