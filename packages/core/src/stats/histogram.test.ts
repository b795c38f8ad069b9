import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addTo, classOf, quantile, RELATIVE_ERROR, valueOf, type Histogram } from './histogram.ts';

const milliseconds = fc.integer({ min: 2, max: 31_622_400_000 });

describe('the histogram', () => {
  it('stands for every value within its relative error', () => {
    fc.assert(
      fc.property(milliseconds, (ms) => {
        expect(Math.abs(valueOf(classOf(ms)) - ms) / ms).toBeLessThanOrEqual(RELATIVE_ERROR + 1e-6);
      }),
    );
  });

  it('gives each quantile within its relative error of the nearest rank', () => {
    fc.assert(
      fc.property(fc.array(milliseconds, { minLength: 1, maxLength: 200 }), fc.constantFrom(0.5, 0.95, 0.99), (values, q) => {
        const histogram: Histogram = new Map();
        for (const value of values) addTo(histogram, classOf(value), 1);
        const sorted = [...values].sort((left, right) => left - right);
        const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
        const error = Math.abs((quantile(histogram, q) ?? 0) - exact);
        expect(error).toBeLessThanOrEqual(exact * RELATIVE_ERROR + 0.6);
      }),
    );
  });

  it('has no quantile when it is empty', () => {
    expect(quantile(new Map(), 0.5)).toBeNull();
  });
});
