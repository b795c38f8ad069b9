import { expect, test, vi } from 'vitest';
import { type LiveChunk, LiveOutput } from './live-output.ts';

function gather(): { chunks: LiveChunk[]; live: LiveOutput } {
  const chunks: LiveChunk[] = [];
  return { chunks, live: new LiveOutput((chunk) => chunks.push(chunk)) };
}

test('small writes become one chunk within 100 ms', () => {
  vi.useFakeTimers();
  const { chunks, live } = gather();
  for (let at = 0; at < 10; at += 1) live.write('stdout', `${at}`);
  expect(chunks).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(chunks).toEqual([{ seq: 0, stream: 'stdout', text: '0123456789' }]);
  vi.useRealTimers();
});

test('a change of stream starts a new chunk, so that order is kept', () => {
  const { chunks, live } = gather();
  live.write('stdout', 'a');
  live.write('stderr', 'b');
  live.write('stdout', 'c');
  live.flush();
  expect(chunks.map(({ seq, stream, text }) => `${seq} ${stream} ${text}`)).toEqual(['0 stdout a', '1 stderr b', '2 stdout c']);
});

test('chunks have at most 64 KiB and never half a character', () => {
  const { chunks, live } = gather();
  const text = `x${'😀'.repeat(100_000)}`;
  live.write('stdout', text);
  live.flush();
  expect(chunks.map((chunk) => chunk.text).join('')).toBe(text);
  for (const chunk of chunks) {
    expect(chunk.text.length).toBeLessThanOrEqual(65_536);
    expect(chunk.text.isWellFormed()).toBe(true);
  }
});

test('the live view ends after 1 MiB with one chunk that says so', () => {
  const { chunks, live } = gather();
  for (let at = 0; at < 100; at += 1) live.write('stdout', 'y'.repeat(65_536));
  live.flush();
  const notes = chunks.filter(({ stream }) => stream === 'log');
  expect(notes).toHaveLength(1);
  expect(chunks.at(-1)).toBe(notes[0]);
  expect(chunks.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(1_048_576 + 66_000);
  expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, at) => at));
});
