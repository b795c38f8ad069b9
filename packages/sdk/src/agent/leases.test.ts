import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTimer } from './backoff.ts';
import { type LeaseHolder, Leases } from './leases.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Held extends LeaseHolder {
  is_executing: boolean;
  lost: string[];
  cancels: number;
}

function hold(job_id: string, lease_epoch = 1): Held {
  const held: Held = {
    job_id,
    lease_epoch,
    lease_ms: 1000,
    current_progress: undefined,
    is_executing: true,
    lost: [],
    cancels: 0,
    onLost: (reason) => {
      held.lost.push(reason);
      held.is_executing = false;
    },
    onCancel: () => {
      held.cancels += 1;
    },
  };
  return held;
}

const answer = { renewed: [], stale: [], cancel: [], drain: false, server_time: '' };

test('a lease that is not renewed is given up at 80 % of its length, a renewed one is not', () => {
  const leases = new Leases();
  const [left, renewed] = [hold('a'), hold('b')];
  leases.add(left, performance.now());
  leases.add(renewed, performance.now());
  vi.advanceTimersByTime(500);
  const beat = { sentAt: performance.now(), leases: leases.list() };
  leases.apply({ ...answer, renewed: ['b'] }, beat);
  vi.advanceTimersByTime(299);
  expect([left.lost, renewed.lost]).toEqual([[], []]);
  vi.advanceTimersByTime(1);
  expect([left.lost, renewed.lost]).toEqual([['not renewed in time'], []]);
  vi.advanceTimersByTime(500);
  expect(renewed.lost).toEqual(['not renewed in time']);
});

test('a renewal counts from when it was asked for, not from when the answer came', () => {
  const leases = new Leases();
  const held = hold('a');
  leases.add(held, performance.now());
  const beat = { sentAt: performance.now(), leases: leases.list() };
  vi.advanceTimersByTime(790);
  leases.apply({ ...answer, renewed: ['a'] }, beat);
  vi.advanceTimersByTime(10);
  expect(held.lost).toHaveLength(1);
});

test('an answer about an old epoch does not touch the job that was claimed since', () => {
  const leases = new Leases();
  const before = hold('a', 1);
  leases.add(before, performance.now());
  const beat = { sentAt: performance.now(), leases: leases.list() };
  leases.remove(before);
  const after = hold('a', 2);
  leases.add(after, performance.now());
  leases.apply({ ...answer, stale: [{ job_id: 'a', reason: 'superseded', current_epoch: 2 }], cancel: ['a'] }, beat);
  expect([after.lost, after.cancels]).toEqual([[], 0]);
});

test('work that is over is not fenced while its report is on the way', () => {
  const leases = new Leases();
  const held = hold('a');
  held.is_executing = false;
  leases.add(held, performance.now());
  vi.advanceTimersByTime(5000);
  expect(held.lost).toEqual([]);
  expect(leases.list()).toEqual([{ job_id: 'a', lease_epoch: 1 }]);
});

test('a timer longer than the platform allows does not fire early', () => {
  const fired: string[] = [];
  startTimer(2 ** 31 + 1000, () => fired.push('late'));
  vi.advanceTimersByTime(2 ** 31);
  expect(fired).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(fired).toEqual(['late']);
});
