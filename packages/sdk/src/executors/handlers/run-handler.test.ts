import { expect, test } from 'vitest';
import * as z from 'zod';
import { startJob } from '../../testing/index.ts';
import type { Executor } from '../executor.ts';
import { defineHandlers, type HandlerJob, PermanentError } from './define-handlers.ts';
import { createHandlerExecutors } from './run-handler.ts';

const Payload = z.strictObject({ name: z.string().default('nobody') });

function executorOf(run: (job: HandlerJob<z.infer<typeof Payload>>) => Promise<unknown>): Executor {
  const [executor] = createHandlerExecutors(defineHandlers({ greet: { payload: Payload, run } }));
  if (!executor) throw new Error('no executor');
  return executor;
}

test('a handler gets its parsed payload and what it returns is the output', async () => {
  const executor = executorOf(async (job) => ({ hello: job.payload.name, attempt: job.attempt, cursor: job.cursor }));
  expect(executor).toMatchObject({ kind: 'greet', isolations: ['process'] });
  const outcome = await startJob(executor, {}, { attempt: 2, checkpoint: { at: 7 } }).outcome;
  expect(outcome).toEqual({ op: 'complete', output: '{"hello":"nobody","attempt":2,"cursor":{"at":7}}', output_truncated: false });
});

test.each([
  ['text as it is', 'plain', 'plain'],
  ['nothing as no output', undefined, null],
  ['null as JSON', null, 'null'],
])('%s', async (_name, result, output) => {
  expect(
    await startJob(
      executorOf(async () => result),
      {},
    ).outcome,
  ).toMatchObject({ op: 'complete', output });
});

test('a payload that does not fit fails for good before the handler runs', async () => {
  let calls = 0;
  const executor = executorOf(async () => void (calls += 1));
  expect(await startJob(executor, { name: 1 }).outcome).toMatchObject({
    op: 'fail',
    retryable: false,
    error: expect.stringContaining('payload.name'),
  });
  expect(calls).toBe(0);
});

test('what a handler throws fails the attempt, for good only when it says so', async () => {
  const throws = (error: unknown): Executor =>
    executorOf(() => {
      throw error;
    });
  expect(await startJob(throws(new Error('this time')), {}).outcome).toMatchObject({
    op: 'fail',
    retryable: true,
    error: expect.stringContaining('this time'),
  });
  expect(await startJob(throws(new PermanentError('never')), {}).outcome).toMatchObject({ op: 'fail', retryable: false });
  expect(
    await startJob(
      executorOf(async () => 10n),
      {},
    ).outcome,
  ).toMatchObject({ op: 'fail', retryable: false, error: expect.stringContaining('not JSON') });
});

test('logs go to the live output and checkpoints to the server', async () => {
  const job = startJob(
    executorOf(async (own) => {
      own.log('one');
      own.log('two', { file: 'a.csv', rows: 3 });
      await own.checkpoint({ cursor: 1, keys_scanned: 5 });
    }),
    {},
  );
  await job.outcome;
  expect(job.live).toEqual([
    { stream: 'log', text: 'one\n' },
    { stream: 'log', text: 'two {"file":"a.csv","rows":3}\n' },
  ]);
  expect(job.checkpoints).toEqual([{ cursor: 1, keys_scanned: 5 }]);
});

test('a handler that ignores its signal is left behind when its grace is over', async () => {
  const job = startJob(
    executorOf(() => new Promise(() => undefined)),
    {},
  );
  job.stop('released', 10);
  expect(await job.outcome).toMatchObject({ op: 'fail', error: 'The handler did not stop when it was asked to' });
});

test('a payload is described to the server in JSON Schema, unless that is more than it takes', () => {
  const [greet] = createHandlerExecutors(defineHandlers({ greet: { payload: Payload, run: async () => 1 } }));
  expect(greet?.payload_schema).toMatchObject({ type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false });
  const huge = z.enum(Array.from({ length: 10_000 }, (_, at) => `value ${at}`) as [string, ...string[]]);
  const executors = createHandlerExecutors(
    defineHandlers({ huge: { payload: huge, run: async () => 1 }, big: { payload: z.bigint(), run: async () => 1 } }),
  );
  expect(executors.map(({ payload_schema }) => payload_schema)).toEqual([undefined, expect.any(Object)]);
});
