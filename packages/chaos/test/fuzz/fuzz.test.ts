import { describe, expect, it } from 'vitest';
import { runFuzz } from './run-fuzz.ts';

describe.each(['pglite', 'postgres'] as const)('a server on %s', (engine) => {
  it('answers 1,500 generated calls, good and bad, without a failure of its own', async () => {
    const verdict = await runFuzz({ seed: 20_260_101, calls: 1500, engine, say: () => undefined });
    expect(verdict.violations).toEqual([]);
    // Refusing everything would be no proof.
    expect(verdict.succeeded).toBeGreaterThan(verdict.targets / 4);
    expect(verdict.statuses['400']).toBeGreaterThan(300);
  });
});
