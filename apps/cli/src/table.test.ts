import { expect, test } from 'vitest';
import { plain, renderFields, renderTable } from './table.ts';

const COLUMNS = [
  { title: 'NAME', value: (row: { name: string; count: number }) => row.name },
  { title: 'COUNT', value: (row: { name: string; count: number }) => String(row.count), align: 'right' as const },
];

test('columns are as wide as their longest value and no line ends in spaces', () => {
  expect(
    renderTable(COLUMNS, [
      { name: 'a', count: 1000000 },
      { name: 'longer', count: 1 },
    ]),
  ).toBe('NAME      COUNT\na       1000000\nlonger        1\n');
});

test('a later page is aligned with the first and has no heading', () => {
  const widths: number[] = [];
  renderTable(COLUMNS, [{ name: 'longer', count: 10 }], widths);
  expect(renderTable(COLUMNS, [{ name: 'a', count: 2 }], widths)).toBe('a           2\n');
});

test('characters of several code units count as one column of text', () => {
  expect(
    renderTable(COLUMNS, [
      { name: 'e\u0301', count: 1 },
      { name: 'ab', count: 2 },
    ]),
  ).toBe('NAME  COUNT\ne\u0301         1\nab        2\n');
});

test('stored text cannot steer the terminal', () => {
  expect(plain('a\u001b[2Jb\nc\u0007d\u009b31me')).toBe('ab c de');
});

test('fields without a value are left out', () => {
  expect(
    renderFields([
      ['id', 'x'],
      ['error', null],
      ['status', 'failed'],
    ]),
  ).toBe('id      x\nstatus  failed\n');
});
