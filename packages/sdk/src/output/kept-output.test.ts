import { expect, test } from 'vitest';
import { KeptOutput, keepOutput, MAX_OUTPUT_JSON_BYTES } from './kept-output.ts';
import { TextStream } from './text-stream.ts';

const bytes = (text: string): number => Buffer.byteLength(text);

test('output within the limit is kept whole, also when it spans head and tail', () => {
  const kept = new KeptOutput(1000);
  for (let at = 0; at < 100; at += 1) kept.push(`line ${String(at).padStart(4, '0')}`);
  const read = kept.read();
  expect(read.output_truncated).toBe(false);
  expect(bytes(read.output)).toBe(900);
  expect(read.output.endsWith('line 0099')).toBe(true);
});

test('output over the limit keeps its first and last part and says how many bytes were left out', () => {
  const kept = new KeptOutput(1000);
  for (let at = 0; at < 1000; at += 1) kept.push(`<${String(at).padStart(6, '0')}>`);
  const { output, output_truncated } = kept.read();
  expect(output_truncated).toBe(true);
  expect(bytes(output)).toBeLessThanOrEqual(1000);
  expect(output.startsWith('<000000><000001>')).toBe(true);
  expect(output.endsWith('<000998><000999>')).toBe(true);
  const left = Number(/… (\d+) bytes left out …/.exec(output)?.[1]);
  const marker = bytes(/\n… \d+ bytes left out …\n/.exec(output)?.[0] ?? '');
  expect(bytes(output) - marker + left).toBe(8000);
});

test.each([1, 2, 3, 5, 7, 64, 499, 500, 501, 2000])('a chunk size of %d gives the same text as one chunk', (size) => {
  const text = Array.from({ length: 900 }, (_, at) => String.fromCharCode(97 + (at % 26)))
    .join('')
    .repeat(3);
  const kept = new KeptOutput(1000);
  for (let at = 0; at < text.length; at += size) kept.push(text.slice(at, at + size));
  const whole = new KeptOutput(1000);
  whole.push(text);
  expect(kept.read()).toEqual(whole.read());
});

test('the cut never splits a character', () => {
  for (const character of ['é', '€', '😀']) {
    for (let shift = 0; shift < 5; shift += 1) {
      const kept = new KeptOutput(1000);
      kept.push('x'.repeat(shift));
      for (let at = 0; at < 1000; at += 1) kept.push(character);
      const { output } = kept.read();
      expect(output).not.toContain('\uFFFD');
      expect(bytes(output)).toBeLessThanOrEqual(1000);
    }
  }
});

test('output that grows in JSON is cut until it fits a request', () => {
  const { output, output_truncated } = keepOutput('\u0001'.repeat(500_000));
  expect(output_truncated).toBe(true);
  expect(bytes(JSON.stringify(output))).toBeLessThanOrEqual(MAX_OUTPUT_JSON_BYTES);
});

test('a character that crosses a chunk border stays whole and NUL becomes U+FFFD', () => {
  const stream = new TextStream();
  const source = Buffer.from('a😀b\0c€');
  let text = '';
  for (const byte of source) text += stream.push(Uint8Array.of(byte));
  text += stream.end();
  expect(text).toBe('a😀b\uFFFDc€');
});
