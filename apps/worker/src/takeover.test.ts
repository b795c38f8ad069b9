import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouterInputs, RouterOutputs } from '@tidemark/api/client';
import { countProcessesNaming, TestSystem, until } from './testing/system.ts';

type Workload = RouterOutputs['workloads']['get'];

/** A lease lasts 30 s and a sweep comes every 5 s; the rest is for a busy machine. */
const TAKEOVER_MS = 150_000;

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());

const get = (id: string): Promise<Workload> => system.client.workloads.get.query({ id });
const create = async (input: RouterInputs['workloads']['create']): Promise<string> =>
  (await system.client.workloads.create.mutate(input)).id;
const inState = (id: string, status: Workload['status']): Promise<Workload> =>
  until(
    `${id} is ${status}`,
    async () => {
      const workload = await get(id);
      return workload.status === status && workload;
    },
    TAKEOVER_MS,
  );

test.concurrent(
  'the job of a killed agent is taken over at its last checkpoint, without charging the attempt',
  { timeout: 240_000 },
  async () => {
    const first = await system.startAgent('dies', ['--queues', 'kill']);
    const id = await create({ kind: 'counting', queue: 'kill', payload: { total: 6, stop_at: 4, gate: join(system.folder, 'never') } });
    await until('it is at 4', async () => (await get(id)).checkpoint === 4);
    first.child.kill('SIGKILL');
    await system.startAgent('inherits', ['--queues', 'kill']);
    const done = await inState(id, 'completed');
    expect(done).toMatchObject({ output: '{"from":4,"total":6}', attempt: 1, lease_losses: 1 });
    expect(new Set(done.attempts.map(({ outcome }) => outcome))).toEqual(new Set(['completed', 'lease_expired']));
  },
);

test.concurrent('an agent frozen past its lease cannot report, and works on after it thaws', { timeout: 240_000 }, async () => {
  const frozen = await system.startAgent('frozen', ['--queues', 'freeze', '--slots', '2']);
  const witness = join(system.folder, 'witness');
  // Ends well in the hands of whoever runs it; the frozen agent's own try has been over for long when it thaws.
  const gate = join(system.folder, 'gate');
  const id = await create({
    kind: 'command',
    queue: 'freeze',
    payload: { command: `echo run >> ${witness}; [ -e ${gate} ] || { touch ${gate}; sleep 1; echo late; exit 0; }; echo taken` },
  });
  const claimed = await inState(id, 'running');
  await until('it runs', () => readFile(gate).then(() => true));
  frozen.child.kill('SIGSTOP');
  await system.startAgent('thawless', ['--queues', 'freeze']);
  const done = await inState(id, 'completed');
  expect(done).toMatchObject({ output: 'taken\n', attempt: 1, lease_losses: 1 });
  expect(done.worker_id).not.toBe(claimed.worker_id);
  frozen.child.kill('SIGCONT');
  await frozen.waitForText(/the lease is lost, stopping the job/);
  const late = { op: 'complete' as const, job_id: id, lease_epoch: claimed.lease_epoch, output: 'late' };
  const answer = await system.client.jobs.report.mutate({ worker_id: claimed.worker_id ?? '', items: [late] });
  expect(answer.results).toMatchObject([{ ok: false, code: 'LEASE_STALE' }]);
  const next = await create({
    kind: 'command',
    queue: 'freeze',
    required_labels: { agent: 'frozen' },
    payload: { command: ['echo', 'awake'] },
  });
  expect(await inState(next, 'completed')).toMatchObject({ output: 'awake\n', worker_id: claimed.worker_id });
  expect(await get(id)).toMatchObject({ output: 'taken\n', worker_id: done.worker_id });
  expect(await readFile(witness, 'utf8')).toBe('run\nrun\n');
});

test.concurrent('an agent whose server stays away stops its jobs before their leases end', { timeout: 240_000 }, async () => {
  const own = await TestSystem.start();
  try {
    const agent = await own.startAgent('cut-off');
    const beat = join(own.folder, 'beat');
    const { id } = await own.client.workloads.create.mutate({
      kind: 'command',
      payload: { command: `while :; do date +%s%N > ${beat}; sleep 0.05; done` },
    });
    await until('it beats', () => readFile(beat).then((text) => text.length > 0));
    await own.killServer();
    await agent.waitForText(/"reason":"not renewed in time"/, TAKEOVER_MS);
    await until('it stopped', async () => (await countProcessesNaming(beat)) === 0);
    await own.startServer();
    const again = await until(
      'it runs again',
      async () => {
        const workload = await own.client.workloads.get.query({ id });
        return workload.lease_epoch > 1 && workload.status === 'running' && workload;
      },
      TAKEOVER_MS,
    );
    expect(again).toMatchObject({ attempt: 1, lease_losses: 1 });
  } finally {
    await own.close();
  }
});
