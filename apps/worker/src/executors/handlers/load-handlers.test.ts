import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Handlers } from '@tidemark/sdk';
import { temporaryPath } from '../../testing/containment.ts';
import { loadHandlers } from './load-handlers.ts';

test('a module must export handlers', async () => {
  const path = `${temporaryPath('handlers')}.mjs`;
  await writeFile(path, 'export const handlers = { a: { payload: {}, run: async () => 1 } };');
  const loaded: Handlers = await loadHandlers(path);
  expect(Object.keys(loaded)).toEqual(['a']);
  await rm(path);
  const wrong = `${temporaryPath('wrong')}.mjs`;
  await writeFile(wrong, 'export const handlers = { a: 1 };');
  await expect(loadHandlers(wrong)).rejects.toThrow('defineHandlers()');
  await rm(wrong);
});
