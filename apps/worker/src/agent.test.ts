import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HEARTBEAT_MS } from '@tidemark/core/workers/contract';
import type { RouterInputs, RouterOutputs } from '@tidemark/api/client';
import { temporaryPath } from './testing/containment.ts';
import { countProcessesNaming, TestSystem, until } from './testing/system.ts';

type Workload = RouterOutputs['workloads']['get'];

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());

/** Submits for one agent only, so that tests do not take each other's jobs. */
async function submit(agent: string, input: RouterInputs['workloads']['create']): Promise<string> {
  const { id } = await system.client.workloads.create.mutate({ ...input, required_labels: { agent } });
  return id;
}

const get = (id: string): Promise<Workload> => system.client.workloads.get.query({ id });
const isFinal = ({ status }: Workload): boolean => ['completed', 'failed', 'cancelled'].includes(status);
const ended = (id: string, deadlineMs = 120_000): Promise<Workload> =>
  until(
    `${id} ends`,
    async () => {
      const workload = await get(id);
      return isFinal(workload) && workload;
    },
    deadlineMs,
  );
const inState = (id: string, status: Workload['status'], reason?: string): Promise<Workload> =>
  until(`${id} is ${status}`, async () => {
    const workload = await get(id);
    return workload.status === status && (reason === undefined || workload.status_reason === reason) && workload;
  });

/** Outcomes that are whole: one that is still being written has another name until it is. */
const outcomesOf = async (agent: string): Promise<string[]> =>
  (await readdir(join(system.stateDir(agent), 'outcomes'))).filter((name) => name.endsWith('.json'));

test('a submitted command comes back with output, exit code and duration', async () => {
  await system.startAgent('plain');
  const good = await submit('plain', { kind: 'command', payload: { command: 'echo out; echo err >&2' } });
  const bad = await submit('plain', { kind: 'command', payload: { command: ['sh', '-c', 'echo no; exit 9'] } });
  const script = await submit('plain', { kind: 'script', payload: { source: 'return input.a + 1', input: { a: 1 } } });
  expect(await ended(good)).toMatchObject({
    status: 'completed',
    output: 'out\nerr\n',
    exit_code: 0,
    attempt: 1,
    duration_ms: expect.any(Number),
  });
  expect(await ended(bad)).toMatchObject({
    status: 'failed',
    status_reason: 'error',
    output: 'no\n',
    exit_code: 9,
    error: 'The command exited with code 9',
  });
  expect(await ended(script)).toMatchObject({ status: 'completed', isolation: 'isolate', output: '2' });
});

test('a failing command is retried as often as it may, a permanent failure once', async () => {
  await system.startAgent('retries');
  const command = await submit('retries', { kind: 'command', payload: { command: 'exit 1' }, max_attempts: 2, backoff_ms: 1 });
  const permanent = await submit('retries', { kind: 'failing', payload: { permanent: true }, max_attempts: 5, backoff_ms: 1 });
  const passing = await submit('retries', { kind: 'failing', payload: { permanent: false }, max_attempts: 2, backoff_ms: 1 });
  expect(await ended(command)).toMatchObject({ status: 'failed', attempt: 2 });
  expect(await ended(permanent)).toMatchObject({ status: 'failed', attempt: 1, error: expect.stringContaining('never again') });
  expect(await ended(passing)).toMatchObject({ status: 'failed', attempt: 2, error: expect.stringContaining('this time') });
});

test('a payload that does not fit its kind is refused when it is submitted, and by the agent where only it can tell', async () => {
  await system.startAgent('strict');
  await expect(submit('strict', { kind: 'failing', payload: { permanent: 1 } })).rejects.toThrow(/payload\.permanent/);
  await expect(submit('strict', { kind: 'command', payload: {} })).rejects.toThrow(/payload\.command/);
  await expect(submit('strict', { kind: 'command', payload: { command: ['true'], shell: true } })).rejects.toThrow(/payload\.shell/);
  await expect(submit('strict', { kind: 'script', payload: { code: 'return 1' } })).rejects.toThrow(/payload\.source/);
  await expect(submit('strict', { kind: 'scan', payload: { redis_url: 'redis://127.0.0.1', keys_per_second: 0 } })).rejects.toThrow(
    /payload\.keys_per_second/,
  );
  const id = await submit('strict', { kind: 'scan', payload: { redis_url: 'http://127.0.0.1' }, max_attempts: 5 });
  expect(await ended(id)).toMatchObject({ status: 'failed', attempt: 1, error: expect.stringContaining('payload.redis_url') });
});

test('a job that asks for a tier its kind does not have is refused, not run in a weaker one', async () => {
  await system.startAgent('tiers');
  const id = await submit('tiers', { kind: 'command', isolation: 'isolate', payload: { command: ['true'] } });
  expect(await ended(id)).toMatchObject({ status: 'failed', error: 'Kind "command" runs in process, not in isolate.' });
});

test('a job over its time limit fails as timeout and keeps what it printed', async () => {
  await system.startAgent('limits');
  const id = await submit('limits', { kind: 'command', payload: { command: 'echo begun; sleep 300' }, timeout_ms: 500 });
  const script = await submit('limits', { kind: 'script', payload: { source: 'for (;;);' }, timeout_ms: 500 });
  expect(await ended(id)).toMatchObject({ status: 'failed', status_reason: 'timeout', output: 'begun\n' });
  expect(await ended(script)).toMatchObject({ status: 'failed', status_reason: 'timeout' });
});

test('a cancelled job is stopped and the cancel confirmed', async () => {
  await system.startAgent('cancels');
  const sign = temporaryPath('begun');
  const command = `trap "" TERM; echo begun; : > ${sign}; setsid sleep 300 & sleep 300`;
  const id = await submit('cancels', { kind: 'command', payload: { command } });
  await until('the command has printed', () => access(sign).then(() => true));
  await rm(sign);
  await system.client.workloads.cancel.mutate({ id });
  expect(await ended(id)).toMatchObject({ status: 'cancelled', status_reason: 'requested', output: 'begun\n' });
});

test('a cancel reaches the agent long before its next heartbeat', async () => {
  await system.startAgent('prompt');
  const id = await submit('prompt', { kind: 'command', payload: { command: 'echo begun; exec sleep 60' } });
  await inState(id, 'running');
  const asked = performance.now();
  await system.client.workloads.cancel.mutate({ id });
  expect(await ended(id)).toMatchObject({ status: 'cancelled', status_reason: 'requested' });
  expect(performance.now() - asked).toBeLessThan(HEARTBEAT_MS / 4);
});

test('an agent never runs more jobs than it has slots, and fills all of them', async () => {
  await system.startAgent('crowded', ['--slots', '3']);
  const ids = await Promise.all(Array.from({ length: 12 }, () => submit('crowded', { kind: 'crowd', payload: { ms: 100 } })));
  const workloads = await Promise.all(ids.map((id) => ended(id)));
  const most = workloads.map(({ output }) => (JSON.parse(output ?? '{}') as { most: number }).most);
  expect(Math.max(...most)).toBe(3);
});

test('large output arrives cut in the middle, also when it grows in JSON', async () => {
  await system.startAgent('large');
  const big = await submit('large', {
    kind: 'command',
    payload: { command: 'echo first; head -c 5000000 /dev/zero | tr "\\0" x; echo last' },
  });
  const growing = await submit('large', { kind: 'command', payload: { command: 'head -c 500000 /dev/zero | tr "\\0" "\\033"' } });
  expect(await ended(big)).toMatchObject({
    status: 'completed',
    output_truncated: true,
    output: expect.stringMatching(/^first\nx+\n… \d+ bytes left out …\nx+last\n$/),
  });
  expect(await ended(growing)).toMatchObject({ status: 'completed', output_truncated: true });
});

test('a large output gives way to a large checkpoint in the same report', async () => {
  await system.startAgent('bulky');
  const id = await submit('bulky', { kind: 'bulky', payload: {} });
  const done = await ended(id);
  expect(done).toMatchObject({ status: 'completed', output_truncated: true, checkpoint: 'b'.repeat(250_000) });
});

test('a report that does not fit fails its own job only', async () => {
  await system.startAgent('unfit', ['--slots', '8']);
  const waits = await submit('unfit', { kind: 'saving', payload: { chars: 300_000, awaits: true }, max_attempts: 1 });
  const ends = await submit('unfit', { kind: 'saving', payload: { chars: 300_000, awaits: false }, max_attempts: 1 });
  const others = await Promise.all(
    Array.from({ length: 6 }, () => submit('unfit', { kind: 'saving', payload: { chars: 10, awaits: true } })),
  );
  expect(await ended(waits)).toMatchObject({ status: 'failed', error: expect.stringContaining('The checkpoint was refused') });
  expect(await ended(ends)).toMatchObject({ status: 'failed', error: expect.stringContaining("The worker's report was refused") });
  for (const id of others) expect(await ended(id)).toMatchObject({ status: 'completed', output: 'saved', lease_losses: 0 });
});

test('a drained agent hands back what it runs, with its checkpoint and without charging the attempt', async () => {
  const first = await system.startAgent('drained', ['--grace', '0']);
  const payload = { total: 5, stop_at: 3, gate: join(system.folder, 'never') };
  const id = await submit('drained', { kind: 'counting', payload });
  await until('it is at 3', async () => (await get(id)).checkpoint === 3);
  first.child.kill('SIGTERM');
  expect(await first.exited).toBe(0);
  expect(await get(id)).toMatchObject({ status: 'pending', status_reason: 'released', attempt: 0, lease_losses: 0, checkpoint: 3 });
  const before = (await system.client.workers.list.query({})).items.find(({ name }) => name === 'drained');
  expect(before).toMatchObject({ liveness: 'stopped' });
  await system.startAgent('drained');
  expect(await ended(id)).toMatchObject({ status: 'completed', attempt: 1, output: '{"from":3,"total":5}', worker_id: before?.id });
});

test('a second signal does not wait for the grace', async () => {
  const agent = await system.startAgent('hasty', ['--grace', '600']);
  const sign = temporaryPath('begun');
  const id = await submit('hasty', { kind: 'command', payload: { command: `: > ${sign}; sleep 300` } });
  await until('the command has begun', () => access(sign).then(() => true));
  await rm(sign);
  agent.child.kill('SIGTERM');
  await agent.waitForText(/draining/);
  agent.child.kill('SIGTERM');
  expect(await agent.exited).toBe(0);
  expect(await get(id)).toMatchObject({ status: 'pending', status_reason: 'released', attempt: 0 });
});

test('a handler that does not listen cannot hold up a drain', async () => {
  const agent = await system.startAgent('patient', ['--grace', '0']);
  const id = await submit('patient', { kind: 'deaf', payload: {} });
  await until('it runs', async () => (await get(id)).checkpoint === 'deaf');
  agent.child.kill('SIGTERM');
  expect(await agent.exited).toBe(0);
  expect(await get(id)).toMatchObject({ status: 'pending', status_reason: 'released' });
});

test('a second agent on the same state folder is refused', async () => {
  await system.startAgent('single');
  const second = system.runAgent('single');
  expect(await second.exited).toBe(1);
  expect(second.text()).toMatch(/Another worker uses the state folder/);
});

test('a server that is killed and comes back loses no outcome of jobs that ended meanwhile or later', async () => {
  await system.startAgent('survivor');
  const gates = ['meanwhile', 'later'].map((name) => join(system.folder, name));
  const payloads = gates.map((gate) => ({
    command: `echo begun; : > ${gate}-begun; while [ ! -e ${gate} ]; do sleep 0.05; done; echo ended`,
  }));
  const ids = await Promise.all(payloads.map((payload) => submit('survivor', { kind: 'command', payload })));
  await Promise.all(gates.map((gate) => hasBegun(gate)));
  await system.killServer();
  await writeGate(gates[0]);
  await until('the outcome is on disk', async () => (await outcomesOf('survivor')).length === 1);
  await system.startServer();
  await writeGate(gates[1]);
  for (const id of ids)
    expect(await ended(id)).toMatchObject({ status: 'completed', output: 'begun\nended\n', attempt: 1, lease_losses: 0 });
  await until('nothing is left on disk', async () => (await outcomesOf('survivor')).length === 0);
});

test('an outcome that an agent could not tell before it was killed is told by its next life', async () => {
  const first = await system.startAgent('reborn');
  const gate = join(system.folder, 'reborn');
  const id = await submit('reborn', {
    kind: 'command',
    payload: { command: `: > ${gate}-begun; while [ ! -e ${gate} ]; do sleep 0.05; done; echo kept` },
  });
  await hasBegun(gate);
  const { worker_id } = await get(id);
  await system.killServer();
  await writeGate(gate);
  await until('the outcome is on disk', async () => (await outcomesOf('reborn')).length === 1);
  first.child.kill('SIGKILL');
  await first.exited;
  await system.startServer();
  await system.startAgent('reborn');
  expect(await ended(id)).toMatchObject({ status: 'completed', output: 'kept\n', attempt: 1, lease_losses: 0, worker_id });
});

test('a killed agent leaves no process and no folder behind once its next life starts', async () => {
  for (const mode of ['auto', 'off']) {
    const witness = join(system.folder, `witness-${mode}`);
    const agent = await system.startAgent(`killed-${mode}`, ['--sandbox', mode]);
    const id = await submit(`killed-${mode}`, {
      kind: 'command',
      payload: {
        command: `printf %s "$PWD" > ${witness}-folder; setsid sh -c 'while :; do touch ${witness}-beat; sleep 0.05; done' & sleep 300`,
      },
    });
    await inState(id, 'running');
    await until('it beats', () => access(`${witness}-beat`).then(() => true));
    agent.child.kill('SIGKILL');
    await agent.exited;
    await system.startAgent(`killed-${mode}`, ['--sandbox', mode]);
    expect(await countProcessesNaming(witness)).toBe(0);
    await expect(access(await readFile(`${witness}-folder`, 'utf8'))).rejects.toThrow('ENOENT');
  }
});

/** The command itself, not only its lease: until its agent has read of it, a server that dies takes it along. */
async function hasBegun(gate: string): Promise<void> {
  await until('the command has begun', () => access(`${gate}-begun`).then(() => true));
}

async function writeGate(path: string | undefined): Promise<void> {
  await writeFile(path ?? '', '');
}
