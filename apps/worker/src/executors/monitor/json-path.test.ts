import { expect, test } from 'vitest';
import { readJsonPath } from './json-path.ts';

const root = { a: { b: [10, { c: 'x' }], 'd.e': 1, "it's": 2 }, n: null, list: [{ v: 1 }, { v: 2 }, {}] };

test.each([
  ['$', root],
  ['$.a.b[0]', 10],
  ['$.a.b[1].c', 'x'],
  ['$.a.b[-1].c', 'x'],
  ['$.a["d.e"]', 1],
  [String.raw`$.a['it\'s']`, 2],
  ['$.n', null],
  ['$.n.x', undefined],
  ['$.list[*].v', [1, 2]],
  ['$.list.*.v', [1, 2]],
  ['$.list[9]', undefined],
  ['$.list[*].w', undefined],
  ['$.list.length', undefined],
  ['$.toString', undefined],
  ['$.__proto__', undefined],
])('%s is read', (path, value) => {
  expect(readJsonPath(root, path)).toEqual(value);
});

test.each([
  ['a.b', 'must begin with $'],
  ['$..a', 'position 2'],
  ['$.a[?(@.b)]', 'position 4'],
  ['$.a[', 'position 4'],
  ['$.a b', 'position 4'],
  ['$["a]', 'position 2'],
])('%s is refused with the place', (path, words) => {
  expect(() => readJsonPath(root, path)).toThrow(words);
});
