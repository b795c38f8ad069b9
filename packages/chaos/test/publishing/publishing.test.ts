import { findPostgres } from '@tidemark/core/testing';
import { describe, expect, it } from 'vitest';
import { runPublishing } from './run-publishing.ts';

/** TIDEMARK_CHAOS_SEED repeats the kills of a failed run. */
const SEED = Number(process.env['TIDEMARK_CHAOS_SEED'] ?? 20_261_121);

describe.skipIf(findPostgres() === null)('publishing on a platform that fails, limits and swallows answers', () => {
  it(`brings every item to its right state, posts none twice and counts right while two servers and four agents are killed (seed ${SEED})`, async () => {
    const verdict = await runPublishing({ seed: SEED, items: 300, servers: 2, agents: 4, slots: 4, kills: 4, limit_ms: 120_000 });
    expect(verdict.violations).toEqual([]);
    expect(verdict).toMatchObject({ items: 300, swallowed: 3 });
    expect(verdict.kills).toBeGreaterThan(0);
  });
});
