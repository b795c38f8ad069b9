import { expect, test } from 'vitest';
import type { FailureCause } from '@tidemark/core/workloads/contract';
import { headline } from './headline.ts';
import type { Situation } from './headline.ts';

const CALM: Situation = { running: 0, causes: { open: 0, items: [] }, outages: [], openCount: 0, missing: [], paused: [], unconfirmed: 0 };
const failing = (count: number, sample: string, status: FailureCause['status'] = 'open') => ({ count, sample, status });
const REFUSED = failing(12, 'connection refused');
const open = (...items: (typeof REFUSED)[]): Situation['causes'] => ({ open: items.length, items });
const HARBOUR = { accounts: [{ id: 'ig_harbour', name: 'Harbour Goods' }] };

test('the headline says nothing before it knows', () => {
  expect(headline(undefined)).toBe('Overview');
});

test('the headline of a calm day says what runs', () => {
  expect(headline(CALM)).toBe('Nothing is running, nothing needs attention');
  expect(headline({ ...CALM, running: 2 })).toBe('2 workloads running, nothing needs attention');
});

test('the headline counts causes, not the workloads each of them failed', () => {
  expect(headline({ ...CALM, causes: open(REFUSED) })).toBe('12 workloads failed with “connection refused”');
  expect(headline({ ...CALM, causes: open(REFUSED, failing(400, 'disk full')) })).toBe(
    '12 workloads failed with “connection refused”, 1 more thing needs attention',
  );
});

test('the headline cuts a long error, and names an account before what failed', () => {
  expect(headline({ ...CALM, causes: open(failing(1, 'x'.repeat(200))) })).toBe(`1 workload failed with “${'x'.repeat(59)}…”`);
  expect(headline({ ...CALM, causes: open(REFUSED), paused: [HARBOUR], unconfirmed: 40 })).toBe(
    'Harbour Goods cannot publish, 2 more things need attention',
  );
  expect(headline({ ...CALM, unconfirmed: 4 })).toBe('4 publications went out without an answer');
});

test('the headline leaves out what was resolved, and counts the causes that were not listed', () => {
  const causes = { open: 230, items: [failing(90, 'disk full', 'resolved'), REFUSED] };
  expect(headline({ ...CALM, causes })).toBe('12 workloads failed with “connection refused”, 229 more things need attention');
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
  expect(headline({ ...CALM, causes: open(REFUSED), missing, outages, openCount: 2 })).toBe(
    'Checkout is down, 4 more things need attention',
  );
  expect(headline({ ...CALM, outages: [outages[1]], openCount: 1 })).toBe('Checkout is down');
});
