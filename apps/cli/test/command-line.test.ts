import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command as Commander } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../src/program.ts';
import { Session } from '../src/session.ts';
import { MAIN, run } from './command.ts';

// Port 1 is reserved and nothing listens there.
const NOWHERE = ['--url', 'http://127.0.0.1:1'];

function commandPaths(command: Commander, path: readonly string[] = []): string[][] {
  return [[...path], ...command.commands.flatMap((child) => commandPaths(child, [...path, child.name()]))];
}

const PATHS = commandPaths(buildProgram(new Session(process))).filter((path) => path.length > 0);

test.each(PATHS)('"%s %s" has help with examples on stdout', async (...path) => {
  const { code, stdout, stderr } = await run([...path.filter((part) => part !== undefined), '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Examples:\n  $ ');
  expect(stdout).toContain('--json');
});

test('a server that is not there is told in words with exit code 69', async () => {
  const { code, stdout, stderr } = await run(['workload', 'list', ...NOWHERE]);
  expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
  expect(stderr).toContain('Cannot reach the server at http://127.0.0.1:1');
  expect(stderr).toContain('tidemark up');
  expect(stderr).not.toMatch(/\n\s+at /);
});

test("with --json an error is the API's error JSON on stderr", async () => {
  const { code, stdout, stderr } = await run(['stats', '--json', ...NOWHERE]);
  expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
  expect(JSON.parse(stderr)).toMatchObject({ code: 'UNAVAILABLE' });
});

test.each([
  [['workload', 'submit', '--timeout', '5', '--', 'true'], '--timeout'],
  [['workload', 'submit', '--label', 'team', '--', 'true'], '--label'],
  [['workload', 'submit', '--priority', '1.5', '--', 'true'], '--priority'],
  [['workload', 'submit', '--wait', '--detach', '--', 'true'], '--wait'],
  [['workload', 'get'], 'id'],
  [['workload', 'list', '--bogus'], '--bogus'],
  [['worker', 'lisst'], 'lisst'],
  [['up', '--port', '70000'], '--port'],
  [['frobnicate'], 'frobnicate'],
  [['stats', '--url', 'localhost:3000'], '--url'],
])('%j is refused with exit code 2, naming what is wrong', async (args, name) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toContain(name);
});

test('a misspelt command is answered with the one that was meant', async () => {
  expect((await run(['workload', 'submt'])).stderr).toContain('submit');
});

test('doctor says what is wrong and how to cure it, and fails', async () => {
  const { code, stdout } = await run(['doctor', ...NOWHERE]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok +node +Node \d/m);
  expect(stdout).toMatch(/^fail +server +Cannot reach the server.*tidemark up/m);
});

test('colours are left out where nobody looks at them', async () => {
  const { stdout, stderr } = await run(['doctor', ...NOWHERE]);
  expect(stdout + stderr).not.toContain('\u001b');
});

test('NO_COLOR wins over FORCE_COLOR', async () => {
  const forced = await run(['doctor', ...NOWHERE], { env: { FORCE_COLOR: '1' } });
  const refused = await run(['doctor', ...NOWHERE], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
  expect(forced.stdout).toContain('\u001b');
  expect(refused.stdout).not.toContain('\u001b');
});

test('a reader that goes away is no reason to complain', async () => {
  const shell = spawn('/bin/sh', ['-c', '"$0" "$1" workload submit --help | true', process.execPath, MAIN]);
  let stderr = '';
  shell.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(shell, 'close');
  expect(stderr).toBe('');
});

test('an export that breaks off ends with 69 and leaves no file', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' });
    response.write('run_id,passed\r\n', () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-export-'));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, stderr } = await run(['export', 'results', 'tst_1', '--url', url, '--output', join(folder, 'results.csv')]);
    expect(code).toBe(69);
    expect(stderr).toContain('connection lost');
    expect(await readdir(folder)).toEqual([]);
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
});
