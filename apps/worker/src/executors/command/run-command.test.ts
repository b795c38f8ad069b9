import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { startJob } from '@tidemark/sdk/testing';
import { plainContainment, sandboxedContainment, sandboxProblem, temporaryPath } from '../../testing/containment.ts';
import { listMembers } from '../../processes/process-tree.ts';
import type { Containment } from '../../processes/contained-process.ts';
import type { Outcome } from '@tidemark/sdk/agent';
import { createCommandExecutor } from './run-command.ts';

const node = process.execPath;
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))));

async function makeFolder(name: string): Promise<string> {
  const path = temporaryPath(name);
  await mkdir(path);
  folders.push(path);
  return path;
}

async function countLeft(containment: Containment): Promise<number> {
  // No such process leads the tree: only the carriers of the mark are found.
  return (await listMembers({ pid: -1, mark: containment.mark })).length;
}

const modes: [string, () => Containment][] = [['a plain child', plainContainment]];
if (sandboxProblem === null) modes.push(['the sandbox', sandboxedContainment]);

describe.each(modes)('a command in %s', (_, contain) => {
  const run = (payload: unknown): Promise<Outcome> => startJob(createCommandExecutor(contain()), payload).outcome;

  test('completes with its output and exit code 0', async () => {
    expect(await run({ command: ['echo', 'one  two'] })).toEqual({
      op: 'complete',
      output: 'one  two\n',
      output_truncated: false,
      exit_code: 0,
    });
  });

  test('fails as retryable with its exit code and its output', async () => {
    const outcome = await run({ command: 'echo before; exit 7' });
    expect(outcome).toMatchObject({
      op: 'fail',
      output: 'before\n',
      exit_code: 7,
      signal: null,
      retryable: true,
      error: 'The command exited with code 7',
    });
  });

  test('keeps the order in which stdout and stderr were written', async () => {
    const lines = Array.from({ length: 200 }, (_unused, at) => `echo o${at}; echo e${at} >&2`).join('; ');
    const outcome = await run({ command: lines });
    expect(outcome.output).toBe(Array.from({ length: 200 }, (_unused, at) => `o${at}\ne${at}\n`).join(''));
  });

  test('gets its arguments untouched by any shell', async () => {
    const outcome = await run({ command: ['printf', '%s|', '$HOME', 'a b', '`id`', '', '"'] });
    expect(outcome.output).toBe('$HOME|a b|`id`||"|');
  });

  test('gets stdin, the given folder and a clean environment plus the given variables', async () => {
    const cwd = await makeFolder('cwd');
    process.env['TIDEMARK_TEST_SECRET'] = 'secret';
    const outcome = await run({ command: 'cat; pwd; env', cwd, stdin: 'typed\n', env: { GIVEN: 'x=y' } });
    delete process.env['TIDEMARK_TEST_SECRET'];
    expect(outcome.output).toMatch(new RegExp(`^typed\n${cwd}\n`));
    expect(outcome.output).toContain('GIVEN=x=y\n');
    expect(outcome.output).not.toContain('secret');
    const names = (outcome.output ?? '')
      .split('\n')
      .slice(2)
      .map((line) => line.split('=')[0]);
    expect(new Set(names)).toEqual(
      new Set(['', 'GIVEN', 'HOME', 'LANG', 'PATH', 'PWD', 'TIDEMARK_ATTEMPT', 'TIDEMARK_JOB_ID', 'TIDEMARK_RUN', 'TMPDIR']),
    );
  });

  test('may write to its folder and to /tmp', async () => {
    const cwd = await makeFolder('writes');
    const other = temporaryPath('file');
    folders.push(other);
    expect(await run({ command: `echo a > here; echo b > ${other}`, cwd })).toMatchObject({ op: 'complete' });
    expect([await readFile(`${cwd}/here`, 'utf8'), await readFile(other, 'utf8')]).toEqual(['a\n', 'b\n']);
  });

  test('replaces NUL and broken bytes and keeps characters whole across writes', async () => {
    const script = `const b=Buffer.from('a😀\\0b');let i=0;(function next(){if(i<b.length){process.stdout.write(b.subarray(i,++i),()=>setImmediate(next))}else process.stdout.write(Buffer.from([0xff]))})()`;
    const outcome = await run({ command: [node, '-e', script] });
    expect(outcome.output).toBe('a😀\uFFFDb\uFFFD');
  });

  test.each([
    [['no-such-program-here'], /no-such-program-here: command not found/],
    [['./missing'], /\.\/missing: not found/],
    [['/etc/passwd'], /is not executable/],
    [['/tmp'], /is a directory/],
    [[], /the command is empty/],
    [[''], /the command is empty/],
    ['  ', /the command is empty/],
  ])('%j fails for good with a clear error', async (command, error) => {
    const outcome = await run({ command });
    expect(outcome).toMatchObject({ op: 'fail', retryable: false, error: expect.stringMatching(error) });
  });

  test('fails for good when its folder is missing or a field is unknown', async () => {
    expect(await run({ command: ['true'], cwd: '/no/such/folder' })).toMatchObject({
      retryable: false,
      error: 'The working directory /no/such/folder does not exist.',
    });
    expect(await run({ command: ['true'], comand: 1 })).toMatchObject({ retryable: false, error: expect.stringContaining('comand') });
  });

  test('that ended by a signal tells it, with the exit code a shell would show', async () => {
    expect(await run({ command: 'kill -SEGV $$' })).toMatchObject({ op: 'fail', signal: 'SIGSEGV', exit_code: 139 });
  });

  test('keeps 512 KiB of 100 MB of output without growing the agent', async () => {
    const before = process.memoryUsage().rss;
    const outcome = await run({ command: 'echo first; head -c 100000000 /dev/zero | tr "\\0" x; echo; echo last' });
    expect(process.memoryUsage().rss - before).toBeLessThan(64_000_000);
    expect(outcome.output_truncated).toBe(true);
    expect(Buffer.byteLength(outcome.output ?? '')).toBeLessThanOrEqual(524_288);
    expect(outcome.output).toMatch(/^first\nx+\n… \d+ bytes left out …\nx+\nlast\n$/);
  });

  test('streams its output while it runs', async () => {
    const job = startJob(createCommandExecutor(contain()), { command: 'echo ready; read line; echo "got $line"', stdin: '' });
    await job.waitForOutput(/ready/);
    expect(await job.outcome).toMatchObject({ op: 'complete', output: 'ready\ngot \n' });
  });

  test('that ends leaves nothing behind, and does not wait for what it left', async () => {
    const containment = contain();
    const outcome = await startJob(createCommandExecutor(containment), { command: 'sleep 300 & setsid sleep 300 & echo done' }).outcome;
    expect(outcome).toMatchObject({ op: 'complete', output: 'done\n' });
    expect(await countLeft(containment)).toBe(0);
  });

  test('gets TERM first and may end by itself within the grace', async () => {
    const job = startJob(createCommandExecutor(contain()), {
      command: 'trap "echo cleaning; exit 3" TERM; echo ready; while :; do sleep 0.05; done',
    });
    await job.waitForOutput(/ready/);
    job.stop('cancelled', 20_000);
    expect(await job.outcome).toMatchObject({ op: 'fail', exit_code: 3, output: expect.stringMatching(/cleaning\n$/) });
  });

  test('is killed with its whole tree when it ignores TERM, also what moved to another session', async () => {
    const containment = contain();
    const stubborn = `trap "" TERM; (trap "" TERM; setsid sh -c 'trap "" TERM; (setsid sleep 300 &) ; sleep 300' &) ; sh -c 'trap "" TERM; echo ready; while :; do sleep 0.05; done'`;
    const job = startJob(createCommandExecutor(containment), { command: stubborn });
    await job.waitForOutput(/ready/);
    job.stop('timeout', 300);
    expect(await job.outcome).toMatchObject({ op: 'fail', signal: 'SIGKILL', exit_code: 137 });
    expect(await countLeft(containment)).toBe(0);
  });

  test('is limited in memory, processor time and file size where the payload says so', async () => {
    const cpu = await run({ command: 'while :; do :; done', limits: { cpu_seconds: 1 } });
    expect(cpu).toMatchObject({ op: 'fail', exit_code: expect.toSatisfy((code: number) => code === 152 || code === 137) });
    const file = await run({ command: 'head -c 3000000 /dev/zero > big', limits: { file_size_mb: 1 } });
    expect(file).toMatchObject({ op: 'fail' });
    const memory = await run({ command: 'head -c 300000000 /dev/zero | tail -n 1 | wc -c', limits: { memory_mb: 100 } });
    expect(memory.output).not.toBe('300000000\n');
  });
});

describe.skipIf(sandboxProblem !== null)('the sandbox', () => {
  const run = (payload: unknown, hidden: readonly string[] = []): Promise<Outcome> =>
    startJob(createCommandExecutor(sandboxedContainment(hidden)), payload).outcome;

  test('hides other processes and the state of the agent', async () => {
    const state = await makeFolder('state');
    await writeFile(`${state}/worker-key`, 'secret');
    const outcome = await run({ command: `ls ${state}; test -e /proc/${process.pid}/environ && echo seen; ls -d /proc/[0-9]* | wc -l` }, [
      state,
    ]);
    expect(outcome.op).toBe('complete');
    expect(Number(outcome.output)).toBeLessThan(8);
  });

  test('shares the network by default and takes all of it away on request', async () => {
    const interfaces = 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "';
    const host = (await readFile('/proc/net/dev', 'utf8')).split('\n').slice(2).filter(Boolean).length;
    expect((await run({ command: `${interfaces} | wc -l` })).output?.trim()).toBe(String(host));
    expect((await run({ command: interfaces, network: false })).output).toBe('lo\n');
  });

  test('makes everything but the folder and a private /tmp read-only on request', async () => {
    const cwd = await makeFolder('read-only');
    const other = temporaryPath('private');
    const outcome = await run({
      command: `echo a > here; echo b > ${other} && cat ${other}; touch /etc/x || echo refused`,
      cwd,
      read_only: true,
    });
    expect(outcome.output).toContain('b\n');
    expect(outcome.output).toContain('refused\n');
    await expect(readFile(other)).rejects.toThrow('ENOENT');
    expect(await readFile(`${cwd}/here`, 'utf8')).toBe('a\n');
  });
});

test('without a sandbox a command that asks for one is refused, not run without it', async () => {
  const outcome = await startJob(createCommandExecutor(plainContainment()), { command: ['true'], network: false }).outcome;
  expect(outcome).toMatchObject({ op: 'fail', retryable: false, error: expect.stringContaining('no sandbox') });
});
