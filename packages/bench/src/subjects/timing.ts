import type { Measure, Unit } from '../trial.ts';

/** The value below which the given share (0–1) of the samples lies. */
function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Runs `work` and tells how many of the `n` it did per second. */
export async function rate(unit: Unit, n: number, work: () => Promise<unknown>): Promise<Measure> {
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  return { value: n / seconds, unit, n };
}

export function latency(samples: readonly number[]): Measure {
  const p50 = median(samples);
  return { value: p50, unit: 'ms', n: samples.length, p50, p99: quantile(samples, 0.99) };
}

/** Keeps `width` calls in flight until `count` were made; `call` gets 0 … count − 1. */
export async function inFlight<Result>(width: number, count: number, call: (index: number) => Promise<Result>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await call(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

/** Tries until `check` answers true. @throws after `timeoutMs` */
export async function waitFor(what: string, check: () => Promise<boolean> | boolean, timeoutMs = 120_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Alternates reads, so that all see the same machine. */
export async function alternate(samples: number, reads: readonly (() => Promise<unknown>)[]): Promise<number[][]> {
  const taken: number[][] = reads.map(() => []);
  for (let index = 0; index < samples; index += 1) {
    for (const [at, read] of reads.entries()) {
      const start = performance.now();
      await read();
      taken[at]?.push(performance.now() - start);
    }
  }
  return taken;
}
