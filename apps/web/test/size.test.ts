import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { BUILT_WEB } from './build-web.ts';
import { sizesOf } from './sizes.ts';

test('what every page needs first, and what each of its lazy parts adds, stay within their budgets', async () => {
  const sizes = await sizesOf(pathToFileURL(`${process.env[BUILT_WEB]}/`));
  expect(sizes.length).toBeGreaterThan(20);
  expect(sizes.filter(({ bytes, max }) => bytes > max)).toEqual([]);
});
