import { findPostgres } from '@tidemark/core/testing';
import { describe, expect, it } from 'vitest';
import { runChaos } from './run-chaos.ts';

/** TIDEMARK_CHAOS_SEED repeats the faults of a failed run. */
const SEED = Number(process.env['TIDEMARK_CHAOS_SEED'] ?? 20_261_121);

describe.skipIf(findPostgres() === null)('the fault rig', () => {
  it(`loses nothing, records nothing twice and accepts no stale write while everything breaks (seed ${SEED})`, async () => {
    const verdict = await runChaos({ seed: SEED, faultMs: 25_000, agents: 3, ghosts: 2, limit: 150 });
    expect(verdict.violations).toEqual([]);
    expect(verdict.missing).toEqual([]);
    expect(verdict.acknowledged).toBeGreaterThan(10);
  });

  it('notices servers that do not check lease epochs', async () => {
    const verdict = await runChaos({ seed: SEED, faultMs: 15_000, agents: 2, ghosts: 2, limit: 60, isCalm: true, isFaulty: true });
    expect(verdict.violations.filter((violation) => violation.startsWith('stale'))).not.toEqual([]);
  });
});
