import { describe, expect, it } from 'vitest';
import { engines } from '../testing/index.ts';
import { runOutbox } from '../testing/outbox/index.ts';

const OUTAGES = 6;

describe.skipIf(!engines().includes('postgres'))('a sender of notices that is lost on its way', () => {
  it('loses nothing and repeats nothing under another id, whichever of its steps was its last', async () => {
    // Evenly over all its steps, in an order that pairs early ones with late ones.
    let drawn = 0;
    const next = (): number => ((drawn++ * 5) % (2 * OUTAGES)) / (2 * OUTAGES) + 1 / (4 * OUTAGES);
    const verdict = await runOutbox({ outages: OUTAGES, next });
    expect(verdict.violations).toEqual([]);
    expect(verdict.steps).toBeGreaterThan(20);
    // On a busy machine a way may be shorter than the one that was measured.
    expect(verdict.lost).toBeGreaterThan(OUTAGES / 2);
    expect(verdict.repeats).toBeGreaterThan(0);
  });
});
