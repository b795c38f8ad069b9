import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Io } from '../terminal.ts';
import { readWork, type WorkOptions } from './payload.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-cli-'));
  await writeFile(join(folder, 'job.js'), 'return input.a + 1');
  await writeFile(join(folder, 'payload.json'), '{"match":"user:*"}');
});
afterAll(() => rm(folder, { recursive: true }));

function work(argv: readonly string[], options: WorkOptions, stdin = ''): ReturnType<typeof readWork> {
  const io: Io = { stdin: Readable.from([stdin]), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
  return readWork(io, argv, options);
}

test('arguments are a command that no shell touches', async () => {
  await expect(work(['echo', '$HOME', '--json'], {})).resolves.toEqual({
    kind: 'command',
    payload: { command: ['echo', '$HOME', '--json'] },
  });
});

test('a shell line stays one string, with its environment, folder and input', async () => {
  await expect(work([], { shell: 'a | b', env: { A: '1' }, cwd: '/srv', stdin: '@-' }, 'text')).resolves.toEqual({
    kind: 'command',
    payload: { command: 'a | b', env: { A: '1' }, cwd: '/srv', stdin: 'text' },
  });
});

test('a script comes from a file or from standard input', async () => {
  await expect(work([], { script: join(folder, 'job.js'), input: '{"a":1}' })).resolves.toEqual({
    kind: 'script',
    payload: { source: 'return input.a + 1', input: { a: 1 } },
  });
  await expect(work([], { script: '-' }, 'return 1')).resolves.toEqual({ kind: 'script', payload: { source: 'return 1' } });
});

test('any kind takes its payload from the option or from a file', async () => {
  await expect(work([], { kind: 'scan', payload: `@${join(folder, 'payload.json')}` })).resolves.toEqual({
    kind: 'scan',
    payload: { match: 'user:*' },
  });
  await expect(work([], { kind: 'nothing' })).resolves.toEqual({ kind: 'nothing', payload: {} });
});

test.each<[string, readonly string[], WorkOptions, string]>([
  ['nothing to run', [], {}, 'Nothing to run'],
  ['two forms', ['ls'], { shell: 'ls' }, '-- command and --shell do not go together'],
  ['a payload without a kind', [], { payload: '{}' }, '--kind'],
  ['a payload that is not JSON', [], { kind: 'scan', payload: '{' }, '--payload: is not JSON'],
  ['a file that is not there', [], { script: '/no/such/file.js' }, '--script: /no/such/file.js: no such file'],
  ['an environment for a script', [], { script: '-', env: { A: '1' } }, '--env'],
  ['input for a command', ['ls'], { input: '1' }, '--input'],
])('refuses %s and names the option', async (...[, argv, options, message]) => {
  await expect(work(argv, options)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) as string });
});
