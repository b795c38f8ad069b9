import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Terminal } from '../terminal.ts';
import { isNewer } from './event-feed.ts';
import { LiveOutput, unseenOutput } from './live-output.ts';

function terminal(): { terminal: Terminal; out: () => string; err: () => string } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const text = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? '';
  return {
    terminal: new Terminal({ stdin: new PassThrough(), stdout, stderr, env: {} }),
    out: () => text(stdout),
    err: () => text(stderr),
  };
}

let position = 0;
function output(stream: string, text: string, attempt = 1): Parameters<LiveOutput['show']>[0] {
  position += 1;
  return {
    id: `a.${position}`,
    stream: 'workload',
    type: 'output',
    data: { attempt, seq: position, stream, text },
    created_at: '2026-01-31T12:00:00.000Z',
  };
}

test('each stream goes where it belongs, unchanged', async () => {
  const { terminal: to, out, err } = terminal();
  const live = new LiveOutput(to);
  await live.show(output('stdout', 'one\n'));
  await live.show(output('stderr', 'careful'));
  await live.show(output('log', 'note'));
  await live.show(output('stdout', 'two'));
  expect([out(), err()]).toEqual(['one\ntwo', 'carefulnote\n']);
});

test('a new attempt is announced on stderr and its output is its own', async () => {
  const { terminal: to, out, err } = terminal();
  const live = new LiveOutput(to);
  await live.show(output('stdout', 'first\n'));
  await live.show(output('stdout', 'second\n', 2));
  await live.finish({ kind: 'command', output: 'second\n' });
  expect([out(), err()]).toEqual(['first\nsecond\n', 'Attempt 2:\n']);
});

test('the return value of a script follows what it logged', async () => {
  const { terminal: to, out, err } = terminal();
  const live = new LiveOutput(to);
  await live.show(output('log', 'working'));
  await live.finish({ kind: 'script', output: '{"a":2}' });
  expect([out(), err()]).toEqual(['{"a":2}\n', 'working\n']);
});

test.each([
  ['', 'command', 'all\n', 'all\n'],
  ['all\n', 'command', 'all\n', ''],
  ['cut', 'command', 'all of it', ''],
  ['log\n', 'script', '42', '42'],
  ['log\n', 'script', 'log\n42', '42'],
  ['log\n42', 'script', '42', ''],
  ['', 'command', null, ''],
])('after %j of a %s with the output %j, %j is left to show', (...[seen, kind, text, rest]) => {
  expect(unseenOutput({ kind, output: text }, seen)).toBe(rest);
});

test('events of the same epoch are newer by position, of another epoch always', () => {
  expect(isNewer('a.10', 'a.9')).toBe(true);
  expect(isNewer('a.9', 'a.9')).toBe(false);
  expect(isNewer('a.9', 'a.10')).toBe(false);
  expect(isNewer('b.1', 'a.10')).toBe(true);
  expect(isNewer('a.1', null)).toBe(true);
});
