import { createClient } from '@tidemark/api/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Stack } from './command.ts';

let stack: Stack;
let worker: string;
let job: string;

beforeAll(async () => {
  stack = await Stack.start(['--no-worker']);
  const client = createClient({ url: stack.url });
  const base = { version: '1', isolations: ['process' as const], kinds: ['count'], slots: 1 };
  ({ worker_id: worker } = await client.workers.register.mutate({ ...base, name: 'counter', worker_type: 'counting' }));
  ({ id: job } = await client.workloads.create.mutate({ kind: 'count' }));
  const { jobs } = await client.jobs.claim.mutate({ worker_id: worker, max: 1, wait_ms: 10_000 });
  const lease_epoch = jobs[0]?.lease_epoch ?? -1;
  const progress = { done: 1000, total: 5000 };
  await client.jobs.checkpoint.mutate({ job_id: job, lease_epoch, keys_scanned: 1000, duration_ms: 2000, progress });
});
afterAll(() => stack[Symbol.asyncDispose]());

test('history shows accepted reports of a worker, a job or a type', async () => {
  await eventually(async () => (await stack.run(['worker', 'history', '--worker-type', 'counting'])).stdout.includes('checkpoint'));
  const { stdout } = await stack.run(['worker', 'history', worker, '--event', 'checkpoint', '--job', job]);
  expect(stdout).toMatch(/^ACCEPTED .*KEYS\/S\n/);
  expect(stdout).toMatch(new RegExp(`checkpoint +${worker} +counting +${job} +1000 +2\\.0s +500\n$`));
  const none = await stack.run(['worker', 'history', '--worker-type', 'other']);
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No report fits.\n' });
});

test('throughput shows buckets, the rate of each worker, and when a job will be done', async () => {
  await eventually(async () => (await stack.run(['worker', 'throughput'])).stdout.includes('counter'));
  expect((await stack.run(['worker', 'throughput', worker, '--bucket', 'day'])).stdout).toMatch(/T00:00:00\.000Z +1000 +0 +500 +500 +1\n/);
  const { stdout } = await stack.run(['worker', 'throughput', '--job', job]);
  expect(stdout).toContain('done     1000 of 5000\nrate     500 keys/s\nleft     8.0s\n');
  const json = await stack.run(['worker', 'throughput', '--worker-type', 'counting', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ scope: 'worker_type', workers: [{ worker_id: worker, is_slow: false }] });
});

test('workers are drained, resumed, quarantined and let go, and one refusal does not stop the others', async () => {
  const ask = async (verb: string): Promise<string> => (await stack.run(['worker', verb, worker])).stdout;
  expect(await ask('drain')).toBe(`${worker} draining (asked to drain)\n`);
  expect((await stack.run(['worker', 'get', worker])).stdout).toMatch(new RegExp(`asked to drain +yes\n[^]*holds +${job}\n`));
  expect(await ask('resume')).toBe(`${worker} online\n`);
  expect(await ask('quarantine')).toBe(`${worker} online (quarantined)\n`);
  expect((await stack.run(['worker', 'list'])).stdout).toContain('quarantined');
  expect(await ask('unquarantine')).toBe(`${worker} online\n`);
  const mixed = await stack.run(['worker', 'drain', 'wk_none', worker]);
  expect(mixed.code).not.toBe(0);
  expect(mixed.stderr).toContain('wk_none');
  expect(mixed.stdout).toBe(`${worker} draining (asked to drain)\n`);
});

test('a living worker is not forgotten, a stopped one is', async () => {
  const refused = await stack.run(['worker', 'forget', worker]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('is alive');
  await createClient({ url: stack.url }).workers.heartbeat.mutate({ worker_id: worker, stopped: true });
  expect(await stack.run(['worker', 'forget', worker])).toMatchObject({ code: 0, stdout: `${worker} forgotten\n` });
  expect((await stack.run(['worker', 'get', worker])).code).not.toBe(0);
});
