import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OutcomeItem, StateDir, StateDirTaken } from './state-dir.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const outcome = (job_id: string): OutcomeItem => ({
  op: 'complete',
  job_id,
  lease_epoch: 3,
  output: 'text',
  request_id: `${job_id}.3.end`,
});

test('an agent that comes back on its state folder is the same worker and has its outcomes', async () => {
  const first = await StateDir.open(folder);
  await first.keepWorkerId('wk_1');
  await first.keepOutcome(outcome('wl_1'));
  await first.keepOutcome(outcome('wl_2'));
  await first.dropOutcome(outcome('wl_1'));
  await first.close();
  const second = await StateDir.open(folder);
  expect(second.workerId).toBe('wk_1');
  expect(second.mark).toBe(first.mark);
  expect(await second.listOutcomes()).toEqual([outcome('wl_2')]);
  await second.close();
});

test('an agent killed before the answer to its registration comes back under the same id', async () => {
  const first = await StateDir.open(folder);
  const id = first.workerId;
  expect(id).toMatch(/^wk_[0-9a-z]{22}$/);
  await first.close();
  const second = await StateDir.open(folder, 'wk_other');
  expect(second.workerId).toBe(id);
  await second.close();
});

test('what a crash left half written is no outcome', async () => {
  const state = await StateDir.open(folder);
  await writeFile(join(folder, 'outcomes', 'wl_9.1.json.new'), '{"op":"compl');
  expect(await state.listOutcomes()).toEqual([]);
  await state.keepOutcome(outcome('wl_9'));
  expect(await readdir(join(folder, 'outcomes'))).toContain('wl_9.3.json');
  await state.close();
});

test('a state folder has one owner at a time, by whatever path it is named', async () => {
  const state = await StateDir.open(folder);
  await expect(StateDir.open(join(folder, '..', folder.split('/').at(-1) ?? ''))).rejects.toThrow(StateDirTaken);
  await state.close();
  await (await StateDir.open(folder)).close();
});
