import { expect, test } from 'vitest';
import { type RawRecord, RecordSplitter, splitFields } from './split-records.ts';

interface Told {
  text: string;
  line: number;
  problem: string | null;
}

function split(
  text: string,
  { size = text.length || 1, delimiter = ',', max = 1000 }: { size?: number; delimiter?: string | null; max?: number } = {},
): { told: Told[]; records: RawRecord[] } {
  const splitter = new RecordSplitter({ delimiter, max_row_bytes: max, offset: 0, line: 1 });
  const bytes = Buffer.from(text);
  const records: RawRecord[] = [];
  const told: Told[] = [];
  const take = (record: RawRecord): void => {
    records.push(record);
    told.push({ text: record.bytes.toString(), line: record.line, problem: record.problem });
  };
  for (let at = 0; at < bytes.length; at += size) for (const record of splitter.push(bytes.subarray(at, at + size))) take(record);
  for (const record of splitter.end()) take(record);
  return { told, records };
}

const good = (text: string, line: number): Told => ({ text, line, problem: null });

const CASES: [string, string, Told[]][] = [
  ['plain lines', 'a,b\nc,d\n', [good('a,b', 1), good('c,d', 2)]],
  ['a last line without an end', 'a\nb', [good('a', 1), good('b', 2)]],
  ['line ends of Windows', 'a,b\r\nc\r\n', [good('a,b', 1), good('c', 2)]],
  ['a line end within quotes', 'a,"x\ny",b\nc\n', [good('a,"x\ny",b', 1), good('c', 3)]],
  ['doubled quotes', '"a""\n""b"\nc\n', [good('"a""\n""b"', 1), good('c', 3)]],
  ['a quote inside a plain field', 'a"b\nc"d\n', [good('a"b', 1), good('c"d', 2)]],
  [
    'a quote that never closes',
    'a\n"b\nc\nd',
    [good('a', 1), { text: '"b', line: 2, problem: 'a quote is not closed' }, good('c', 3), good('d', 4)],
  ],
  ['a quote that never closes on the last line', 'a\n"b', [good('a', 1), { text: '"b', line: 2, problem: 'a quote is not closed' }]],
  [
    'text behind a closing quote',
    'a\n"b\nc\n"d"\ne\n',
    [good('a', 1), { text: '"b', line: 2, problem: 'text follows a closing quote' }, good('c', 3), good('"d"', 4), good('e', 5)],
  ],
];

test.each(CASES)('%s: the records are the same however the bytes are cut', (_name, text, expected) => {
  for (let size = 1; size <= text.length; size += 1) expect(split(text, { size }).told).toEqual(expected);
});

test('a line that is too long is told once and skipped in constant memory', () => {
  for (const size of [1, 3, 7, 100]) {
    const { told } = split(`a\n${'x'.repeat(50)}\nb\n`, { size, max: 10 });
    expect(told).toEqual([good('a', 1), { text: 'x'.repeat(10), line: 2, problem: 'is longer than 10 bytes' }, good('b', 3)]);
  }
});

test('without a delimiter every line is a record, quotes or not', () => {
  expect(split('{"a":"\n"b\n', { delimiter: null }).told).toEqual([good('{"a":"', 1), good('"b', 2)]);
});

test('a splitter that goes on from any record gives the rest', () => {
  const text = 'a\n"b\nb",1\n"c\nd\n\ne';
  const { records, told } = split(text);
  for (const [at, record] of records.entries()) {
    const splitter = new RecordSplitter({ delimiter: ',', max_row_bytes: 1000, offset: record.end_offset, line: record.next_line });
    const rest = [...splitter.push(Buffer.from(text).subarray(record.end_offset)), ...splitter.end()];
    expect(rest.map(({ bytes, line, problem }) => ({ text: bytes.toString(), line, problem }))).toEqual(told.slice(at + 1));
  }
});

test.each([
  ['a,b', ['a', 'b']],
  ['', ['']],
  ['a,', ['a', '']],
  [',', ['', '']],
  ['"a,b",c', ['a,b', 'c']],
  ['"",x', ['', 'x']],
  ['"a ""b"""', ['a "b"']],
  ['a"b,c', ['a"b', 'c']],
])('the fields of %s are %j', (record, fields) => {
  expect(splitFields(record, ',')).toEqual(fields);
});
