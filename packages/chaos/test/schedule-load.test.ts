import { findPostgres } from '@tidemark/core/testing';
import { describe, expect, it } from 'vitest';
import { runScheduleLoad } from './schedule-load.ts';

describe.skipIf(findPostgres() === null)('monitors at short intervals', () => {
  it('each run when they are due, and every run is recorded', async () => {
    const report = await runScheduleLoad({ monitors: 40, intervalSeconds: 5, measureMs: 5000, slots: 16 });
    expect(report.failed).toBe(0);
    // On a busy machine a tick may be late by an interval; that is what `pnpm chaos --monitors` measures.
    expect(report.ticks).toBeGreaterThanOrEqual(40);
    expect(report.missed).toBeLessThan(report.ticks / 2);
    expect(report.recorded).toBeGreaterThanOrEqual(30);
  });
});
