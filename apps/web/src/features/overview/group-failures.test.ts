import { expect, test } from 'vitest';
import { groupFailures } from './group-failures.ts';

const failed = (id: string, kind: string, why: string | number | null) => ({
  id,
  kind,
  error: typeof why === 'string' ? why : null,
  exit_code: typeof why === 'number' ? why : null,
});

test('failures that differ only in numbers are one problem, told by the newest', () => {
  const groups = groupFailures([
    failed('c', 'transcode', 'no atom in 98607.mov\nstack'),
    failed('b', 'import', 'no atom in 98607.mov'),
    failed('a', 'transcode', 'no atom in 12.mov'),
  ]);
  expect(groups.map(({ latest, count }) => [latest.id, count])).toEqual([
    ['c', 2],
    ['b', 1],
  ]);
});

test('failures without a text are told apart by their exit code', () => {
  expect(groupFailures([failed('a', 'command', 3), failed('b', 'command', null)])).toHaveLength(2);
});
