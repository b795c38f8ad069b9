import { expect, test } from 'vitest';
import { BrowserSlots } from './browser-slots.ts';

const never = new AbortController().signal;

/** Whether the promise is settled once everything that can run now has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([promise.then(() => true), turn]);
}

test('only so many run at a time, and the others follow in order', async () => {
  const slots = new BrowserSlots(2);
  const first = await slots.take(never);
  await slots.take(never);
  const third = slots.take(never);
  const fourth = slots.take(never);
  expect(await isSettled(third)).toBe(false);
  first();
  (await third)();
  expect(await isSettled(fourth)).toBe(true);
});

test('who stops waiting takes nothing and gives nothing back', async () => {
  const slots = new BrowserSlots(1);
  const held = await slots.take(never);
  const stopper = new AbortController();
  const left = slots.take(stopper.signal);
  const next = slots.take(never);
  stopper.abort();
  (await left)();
  expect(await isSettled(next)).toBe(false);
  held();
  (await next)();
  const after = await slots.take(never);
  expect(await isSettled(slots.take(never))).toBe(false);
  after();
});
