import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAnsi, stripAnsi } from './ansi.ts';
import { LogBuffer, visibleText } from './log-buffer.ts';
import type { LogStream } from './log-buffer.ts';

/** Cuts a text into chunks at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)).toSorted((left, right) => left - right), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

function fill(chunks: readonly string[], stream: LogStream = 'stdout'): LogBuffer {
  const buffer = new LogBuffer();
  for (const [seq, text] of chunks.entries()) buffer.append({ attempt: 1, seq, stream, text });
  return buffer;
}

const outputText = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '\n', 'é', '😀') });

test('however output is cut into chunks, the text is the same', () => {
  fc.assert(
    fc.property(outputText, fc.array(fc.nat()), (text, places) => {
      expect(fill(cut(text, places)).text()).toBe(fill([text]).text());
    }),
  );
});

test('every line is kept, and the last one ends with a newline', () => {
  expect(fill(['one\ntwo\n\nfo', 'ur']).text()).toBe('one\ntwo\n\nfour\n');
});

test('a chunk that arrives twice counts once', () => {
  const buffer = fill(['one\n', 'two\n']);
  buffer.append({ attempt: 1, seq: 1, stream: 'stdout', text: 'two\n' });
  expect(buffer.text()).toBe('one\ntwo\n');
});

test('the same chunk number of another attempt is another chunk, and the attempt is announced', () => {
  const buffer = fill(['one\n']);
  buffer.append({ attempt: 2, seq: 0, stream: 'stdout', text: 'again\n' });
  expect(buffer.text()).toBe('one\n— attempt 2 —\nagain\n');
});

test('a retry may count its attempts and chunks from the beginning again', () => {
  const buffer = new LogBuffer();
  for (const text of ['first\n', 'second\n']) {
    buffer.begin(1);
    buffer.append({ attempt: 1, seq: 0, stream: 'stdout', text });
  }
  expect(buffer.text()).toBe('first\n— started again, attempt 1 —\nsecond\n');
});

test('an unfinished line goes on where it began although the other stream wrote in between', () => {
  const buffer = new LogBuffer();
  buffer.append({ attempt: 1, seq: 0, stream: 'stdout', text: 'half' });
  buffer.append({ attempt: 1, seq: 1, stream: 'stderr', text: 'warning\n' });
  buffer.append({ attempt: 1, seq: 2, stream: 'stdout', text: ' whole\nnext\n' });
  expect(buffer.text()).toBe('half whole\nwarning\nnext\n');
});

test('a carriage return starts a line over, and the one of a Windows line end does not', () => {
  expect(visibleText('10 %\r55 %\r100 %')).toBe('100 %');
  expect(visibleText('done\r')).toBe('done');
});

test('colours become classes and no escape sequence reaches the text', () => {
  const runs = parseAnsi('\u001B[1;31mbad\u001B[0m fine \u001B]8;;https://x.example\u0007link\u001B[2K\u0007');
  expect(runs.map((run) => run.text).join('')).toBe('bad fine link');
  expect(runs[0]).toEqual({ text: 'bad', className: 'text-red font-bold' });
});

test('the arguments of a 256-colour sequence are not read as codes', () => {
  expect(parseAnsi('\u001B[38;5;31mx')).toEqual([{ text: 'x', className: '' }]);
});

test('stripped text has no control characters, whatever came in', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('\u001B', '[', ']', '3', '1', ';', 'm', '\u0007', 'x', '\u0000') }), (line) => {
      expect(stripAnsi(line)).not.toMatch(/[\u0000\u0007\u001B]/);
      expect(
        parseAnsi(line)
          .map((run) => run.text)
          .join(''),
      ).toBe(stripAnsi(line));
    }),
  );
});
