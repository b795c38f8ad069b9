import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineHandlers, defineWorker } from '@tidemark/sdk';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import type { RouterOutputs } from '@tidemark/api/client';
import { TestSystem, until } from './testing/system.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/worker/resize.ts', import.meta.url));

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());

const ended = (id: string): Promise<RouterOutputs['workloads']['get']> =>
  until(`${id} ends`, async () => {
    const workload = await system.client.workloads.get.query({ id });
    return ['completed', 'failed', 'cancelled'].includes(workload.status) && workload;
  });

test('the example works as a script of its own: submit, check, run, report, drain', async () => {
  const folder = join(system.folder, 'own');
  await mkdir(folder);
  const worker = system.runProgram(process.execPath, [EXAMPLE], { env: { TIDEMARK_URL: system.url }, cwd: folder });
  await worker.waitForText(/"msg":"registered"/);
  const submit = (payload: unknown): Promise<{ id: string }> => system.client.workloads.create.mutate({ kind: 'resize', payload });
  await expect(submit({ files: [], width: 10 })).rejects.toThrow(/payload\.files/);
  await expect(submit({ files: ['a.png'], width: 10, height: 5 })).rejects.toThrow(/payload\.height/);
  const good = await ended((await submit({ files: ['a.png', 'b.jpg'], width: 10 })).id);
  expect(good).toMatchObject({
    status: 'completed',
    output: '{"resized":2}',
    keys_scanned: 2,
    checkpoint: 2,
    progress: { done: 2, total: 2 },
  });
  const bad = await ended((await submit({ files: ['a.png', 'b.txt'], width: 10 })).id);
  expect(bad).toMatchObject({ status: 'failed', error: 'b.txt is not a picture', checkpoint: 1 });
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect((await system.client.workers.list.query({})).items).toMatchObject([{ name: 'resizer', liveness: 'stopped' }]);
});

test('a worker in a program of yours starts and stops, measures its intervals, and is the same one when it starts again', async () => {
  const gate = Promise.withResolvers<void>();
  const handlers = defineHandlers({
    step: {
      payload: z.strictObject({ wait: z.boolean() }),
      run: async (job) => {
        await job.checkpoint({ cursor: { at: 1 }, keys_scanned: 7 });
        if (job.payload.wait) await gate.promise;
        return job.cursor;
      },
    },
  });
  const define = (): ReturnType<typeof defineWorker> =>
    defineWorker({ url: system.url, name: 'inside', handlers, stateDir: join(system.folder, 'inside'), log: pino({ level: 'silent' }) });
  const worker = define();
  const id = await worker.start();
  expect(await worker.start()).toBe(id);
  const { id: job } = await system.client.workloads.create.mutate({ kind: 'step', payload: { wait: true } });
  await until('it has its checkpoint', async () => (await system.client.workloads.get.query({ id: job })).checkpoint !== null);
  const stopped = worker.stop();
  gate.resolve();
  await stopped;
  expect(await ended(job)).toMatchObject({ status: 'completed', worker_id: id });
  const items = await until('its history is written', async () => {
    const found = (await system.client.workers.history.query({ job_id: job })).items;
    return found.length === 2 && found;
  });
  expect(items.map(({ event, keys_scanned, duration_ms }) => ({ event, keys_scanned, isMeasured: duration_ms !== null }))).toEqual([
    { event: 'complete', keys_scanned: null, isMeasured: true },
    { event: 'checkpoint', keys_scanned: 7, isMeasured: true },
  ]);
  const again = define();
  expect(await again.start()).toBe(id);
  await again.stop();
});
