import { expect, test } from 'vitest';
import { formatAge, formatDuration, parseDuration } from './duration.ts';

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['90d', 7_776_000_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['0s', 0],
])('%s is %d milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', '-5s', '5x', 's', '5 s', '5s x', '1e3s', '5S', 'Infinitys', '99999999999999999d'])('"%s" is not a duration', (text) => {
  expect(parseDuration(text)).toBeNull();
});

test.each([
  [0, '0ms'],
  [999, '999ms'],
  [1000, '1.0s'],
  [59_999, '59.9s'],
  [60_000, '1m00s'],
  [3_599_999, '59m59s'],
  [7_980_000, '2h13m'],
  [86_399_999, '23h59m'],
  [273_600_000, '3d4h'],
  [-5, '0ms'],
])('%d milliseconds read %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [-60_000, 'now'],
  [999, 'now'],
  [59_999, '59s'],
  [3_599_999, '59m'],
  [86_399_999, '23h'],
  [86_400_000, '1d'],
])('an age of %d milliseconds reads %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});
