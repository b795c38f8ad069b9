import { expect, test } from 'vitest';
import { headline } from './headline.ts';
import type { Situation } from './headline.ts';

const CALM: Situation = { running: 0, failed: 0, outages: [], openCount: 0, missing: [] };

test('the headline says nothing before it knows', () => {
  expect(headline(undefined)).toBe('Overview');
});

test('the headline of a calm day says what runs', () => {
  expect(headline(CALM)).toBe('Nothing is running, nothing needs attention');
  expect(headline({ ...CALM, running: 2, failed: 1 })).toBe('2 workloads running, 1 thing needs attention');
});

test('the headline names an outage before a worker, and counts the rest', () => {
  const missing = [
    { name: 'scan-1', liveness: 'late' },
    { name: 'scan-2', liveness: 'lost' },
  ] as const;
  expect(headline({ ...CALM, missing })).toBe('Worker scan-2 is lost, 1 more thing needs attention');
  const outages = [
    { test_name: 'Login', status: 'acknowledged' },
    { test_name: 'Checkout', status: 'open' },
  ] as const;
  expect(headline({ ...CALM, failed: 3, missing, outages, openCount: 2 })).toBe('Checkout is down, 6 more things need attention');
  expect(headline({ ...CALM, outages: [outages[1]], openCount: 1 })).toBe('Checkout is down');
});
