import { expect, test } from 'vitest';
import { eventually, isAlive, run, Stack } from './command.ts';

test('up starts a server and a worker that run a command to its exit code', async () => {
  await using stack = await Stack.start();
  const waited = await stack.run(['workload', 'submit', '--wait', '--shell', 'echo out; echo careful >&2; exit 3']);
  expect(waited).toMatchObject({ code: 3, stdout: 'out\ncareful\n' });
  expect(waited.stderr).toMatch(/^Workload wl_\w+ failed after \S+ with exit code 3/);
  expect((await stack.run(['workload', 'submit', '--wait', '--', 'sh', '-c', 'kill -9 $$'])).code).toBe(137);
  expect((await stack.run(['worker', 'list'])).stdout).toMatch(/^wk_\S+ +\S+ +online /m);
});

test('the first API key does not lock the worker of up out', async () => {
  await using stack = await Stack.start();
  const created = await stack.run(['keys', 'create', '--name', 'first', '--role', 'admin']);
  const key = created.stdout.trim();
  expect(created.code).toBe(0);
  expect(await stack.run(['workload', 'submit', '--wait', '--key', key, '--', 'echo', 'still here'])).toMatchObject({
    code: 0,
    stdout: 'still here\n',
  });
});

test('doctor finds nothing wrong with what up started', async () => {
  await using stack = await Stack.start();
  await eventually(async () => (await stack.run(['worker', 'list'])).stdout.includes('online'));
  const { code, stdout } = await stack.run(['doctor']);
  expect(stdout).toMatch(/^ok +server /m);
  expect(stdout).toMatch(/^ok +database +embedded/m);
  expect(stdout).toMatch(/^ok +workers +1 online/m);
  expect(code).toBe(0);
});

test('a worker that is killed is started again, and it is said', async () => {
  await using stack = await Stack.start();
  process.kill(stack.workerPid ?? 0, 'SIGKILL');
  await stack.command.until(({ stderr }) => stderr.includes('The worker ended by SIGKILL; starting it again in 1.0s.'));
  expect(await stack.run(['workload', 'submit', '--wait', '--', 'echo', 'hello'])).toMatchObject({ code: 0, stdout: 'hello\n' });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s stops both and ends with 0', async (signal) => {
  await using stack = await Stack.start();
  stack.command.process.kill(signal);
  expect((await stack.command.result).code).toBe(0);
  expect([isAlive(stack.serverPid), isAlive(stack.workerPid ?? 0)]).toEqual([false, false]);
});

test('when the server dies, up stops the worker and fails', async () => {
  await using stack = await Stack.start();
  process.kill(stack.serverPid, 'SIGKILL');
  const { code, stderr } = await stack.command.result;
  expect(code).toBe(137);
  expect(stderr).toContain('The server ended by SIGKILL.');
  expect(isAlive(stack.workerPid ?? 0)).toBe(false);
});

test('nothing lives on when up itself is killed', async () => {
  await using stack = await Stack.start();
  stack.command.process.kill('SIGKILL');
  await eventually(() => !isAlive(stack.serverPid) && !isAlive(stack.workerPid ?? 0));
});

test('a port that is taken is said, with an error', async () => {
  await using stack = await Stack.start(['--no-worker']);
  const { code, stdout, stderr } = await run([
    'up',
    '--no-worker',
    '--port',
    new URL(stack.url).port,
    '--data-dir',
    `${stack.folder}/other`,
  ]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('another program, perhaps another Tidemark, has it');
});
