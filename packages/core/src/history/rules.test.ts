import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_MS, bucketRange, bucketStarts } from './buckets.ts';
import { BUCKETS, MAX_BUCKETS } from './contract.ts';
import { estimate } from './estimate.ts';
import { csvCell } from '../csv.ts';
import { isClockSuspect, keysPerSecond } from './rules.ts';
import { isSlow } from './worker-rates.ts';

const NOW = Date.parse('2026-01-31T12:34:56.789Z');

describe('keys per second', () => {
  it('is keys over seconds, and null where there is nothing to divide by', () => {
    expect(keysPerSecond(5000, 2000)).toBe(2500);
    expect(keysPerSecond(0, 1)).toBe(0);
    expect(keysPerSecond(5, 0)).toBeNull();
    expect(keysPerSecond(null, 5)).toBeNull();
    expect(keysPerSecond(5, null)).toBeNull();
  });

  it('is finite and never negative for whatever a report may carry', () => {
    const keys = fc.option(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
    const ms = fc.option(fc.integer({ min: 0, max: 31_622_400_000 }));
    fc.assert(
      fc.property(keys, ms, (scanned, took) => {
        const rate = keysPerSecond(scanned, took);
        expect(rate === null || (Number.isFinite(rate) && rate >= 0)).toBe(true);
      }),
    );
  });
});

describe('the clock of a report', () => {
  it.each([
    ['2026-01-31T11:59:50.000Z', 10_000, false],
    ['2026-01-31T12:00:50.000Z', 0, false],
    ['2026-01-31T12:01:01.000Z', 0, true],
    ['2026-01-31T11:59:50.000Z', 80_000, true],
    ['2026-01-30T12:00:01.000Z', 0, false],
    ['2026-01-30T11:59:59.000Z', null, true],
    ['2025-01-31T12:00:00.000Z', 365 * 86_400_000, false],
    [null, 5, false],
  ])('started %s for %s ms and accepted at noon is suspect: %s', (started_at, duration_ms, isSuspect) => {
    expect(isClockSuspect({ started_at, duration_ms, accepted_at: '2026-01-31T12:00:00.000Z' })).toBe(isSuspect);
  });
});

describe('buckets', () => {
  it('cover what was asked with whole buckets, without a gap, and never more than the limit', () => {
    const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...BUCKETS), time, fc.integer({ min: 1, max: 599 }), (bucket, from, count) => {
        const size = BUCKET_MS[bucket];
        const to = from + count * size - Math.floor(size / 2);
        const range = bucketRange({ bucket, from: new Date(from).toISOString(), to: new Date(to).toISOString() }, NOW);
        const starts = bucketStarts(range).map((at) => Date.parse(at));
        expect(starts[0]).toBeLessThanOrEqual(from);
        expect(range.to).toBeGreaterThanOrEqual(to);
        expect(starts.length).toBeLessThanOrEqual(MAX_BUCKETS);
        expect(starts.every((at, index) => at % size === 0 && (index === 0 || at === (starts[index - 1] ?? 0) + size))).toBe(true);
      }),
    );
  });

  it('end with the one that is going on when nothing is asked', () => {
    const starts = bucketStarts(bucketRange({ bucket: 'minute' }, NOW));
    expect(starts).toHaveLength(60);
    expect(starts.at(-1)).toBe('2026-01-31T12:34:00.000Z');
  });
});

describe('an estimate', () => {
  it('is what remains over the rate', () => {
    expect(estimate({ done: 1000, total: 5000, keys_scanned: 1000, keys_per_second: 500 }, NOW)).toEqual({
      done: 1000,
      total: 5000,
      remaining: 4000,
      keys_per_second: 500,
      eta_seconds: 8,
      eta_at: '2026-01-31T12:35:04.789Z',
    });
  });

  it('scales what remains when progress counts something else than keys', () => {
    expect(estimate({ done: 25, total: 100, keys_scanned: 5000, keys_per_second: 1000 }, NOW).eta_seconds).toBe(15);
  });

  it('counts keys when no progress was told', () => {
    expect(estimate({ done: null, total: 5000, keys_scanned: 4000, keys_per_second: 100 }, NOW)).toMatchObject({
      done: 4000,
      eta_seconds: 10,
    });
  });

  it('is open without a rate, zero when all is done, and never a time that is none', () => {
    expect(estimate({ done: 1, total: 5, keys_scanned: 1, keys_per_second: null }, NOW)).toMatchObject({ eta_seconds: null, eta_at: null });
    expect(estimate({ done: 1, total: 5, keys_scanned: 1, keys_per_second: 0 }, NOW).eta_seconds).toBeNull();
    expect(estimate({ done: 9, total: 5, keys_scanned: 1, keys_per_second: null }, NOW)).toMatchObject({ remaining: 0, eta_seconds: 0 });
    expect(estimate({ done: 0, total: Number.MAX_SAFE_INTEGER, keys_scanned: 0, keys_per_second: 1e-9 }, NOW).eta_at).toBeNull();
  });
});

describe('a slow worker', () => {
  const rate = (keys: number, peers = 3) => ({ keys_per_second: keys, type_median_keys_per_second: 100, peer_count: peers });

  it('is under half of the median, and only among others', () => {
    expect(isSlow(rate(49.9), false)).toBe(true);
    expect(isSlow(rate(50), false)).toBe(false);
    expect(isSlow(rate(1, 1), false)).toBe(false);
  });

  it('is rid of it at 60 %, so that it does not flap', () => {
    expect(isSlow(rate(59), true)).toBe(true);
    expect(isSlow(rate(60), true)).toBe(false);
  });
});

describe('a CSV cell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['@a', "'@a"],
    ['-x', "'-x"],
    ['+x', "'+x"],
    ['\tx', "'\tx"],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['=a\nb', '"\'=a\nb"'],
    ['plain', 'plain'],
    [-1.5, '-1.5'],
    [true, 'true'],
    [null, ''],
  ])('%j is written %j', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });
});
