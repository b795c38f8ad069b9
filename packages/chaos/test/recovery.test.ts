import { fileURLToPath } from 'node:url';
import { findPostgres } from '@tidemark/core/testing';
import { describe, expect, it } from 'vitest';
import { Child } from './child.ts';
import { System, waitUntil } from './system.ts';

const HAND_AGENT = fileURLToPath(new URL('./hand-agent.ts', import.meta.url));
const RUNNING = 200;
/** What is promised: a lease time, a sweep interval and a second. */
const TAKEOVER_MS = 30_000 + 5000 + 1000;
/** What a machine busy with other suites may add. */
const STALL_MS = 15_000;

async function countStatus(of: System): Promise<Record<string, number>> {
  const rows = await of.query<{ status: string; n: number }>('select status, count(*)::int as n from workload group by status');
  return Object.fromEntries(rows.map((row) => [row.status, row.n]));
}

describe.skipIf(findPostgres() === null)('after a crash, on real processes', () => {
  it('ends every one of 200 running workloads exactly once after kill -9 of the server', async () => {
    await using under = await System.start({ servers: 1, agents: 2, slots: RUNNING / 2 });
    const command = `echo "$TIDEMARK_JOB_ID" >> ${under.witnessPath}; while [ ! -e ${under.folder}/gate ]; do sleep 1; done`;
    const items = Array.from({ length: RUNNING }, () => ({ kind: 'command', payload: { command } }));
    await under.client(0).workloads.createMany.mutate({ items });
    await waitUntil(async () => expect(await under.witnesses()).toHaveLength(RUNNING), 180_000);
    expect(await countStatus(under)).toEqual({ running: RUNNING });
    const [server] = under.servers;
    await server?.process.kill();
    // They end while nobody listens: the agents have to remember what they owe.
    await under.openGate();
    await server?.process.start();
    await waitUntil(async () => expect(await countStatus(under)).toEqual({ completed: RUNNING }), 180_000);
    const attempts = await under.query<{ outcome: string; n: number }>('select outcome, count(*)::int as n from tried group by outcome');
    expect(attempts).toEqual([{ outcome: 'completed', n: RUNNING }]);
    const witnesses = await under.witnesses();
    expect(new Set(witnesses).size).toBe(RUNNING);
    expect(witnesses).toHaveLength(RUNNING);
    const stats = await under.client(0).workloads.stats.query({});
    expect(stats).toMatchObject({ total: RUNNING, by_status: { completed: RUNNING, running: 0, pending: 0, failed: 0 } });
  });

  it.concurrent('hands the job of an agent killed -9 on, with its checkpoint, within lease, sweep and one second', async () => {
    await using under = await System.start({ servers: 1, agents: 1, slots: 2 });
    const client = under.client(0);
    const dying = new Child({
      args: [HAND_AGENT, under.servers[0]?.url ?? '', 'default'],
      env: {},
      ready: async () => {
        if (!dying.text.includes('holds')) throw new Error('it holds nothing yet');
      },
    });
    await under.agents[0]?.process.kill();
    const { id } = await client.workloads.create.mutate({ kind: 'command', payload: { command: 'printf %s "$TIDEMARK_CHECKPOINT"' } });
    await dying.start();
    await under.agents[0]?.process.start();
    await dying.kill();
    const killedAt = await under.databaseTime();
    await waitUntil(async () => expect(await client.workloads.get.query({ id })).toMatchObject({ status: 'completed' }), 180_000);
    const done = await client.workloads.get.query({ id });
    expect(done).toMatchObject({ output: '{"at":7}', attempt: 1, lease_losses: 1, lease_epoch: 2 });
    expect(done.attempts).toMatchObject([{ outcome: 'lease_expired' }, { outcome: 'completed' }]);
    expect(Date.parse(done.attempts[1]?.started_at ?? '') - killedAt).toBeLessThanOrEqual(TAKEOVER_MS + STALL_MS);
  });

  it.concurrent('refuses what a thawed agent reports after its lease was given to another', async () => {
    await using under = await System.start({ servers: 1, agents: 2, slots: 1 });
    const client = under.client(0);
    // Whoever has it first waits for ever; whoever takes it over ends well.
    const first = `[ -e ${under.folder}/first ] && echo taken over && exit 0; touch ${under.folder}/first; while :; do sleep 1; done`;
    const { id } = await client.workloads.create.mutate({ kind: 'command', payload: { command: first } });
    await waitUntil(async () => expect((await client.workloads.get.query({ id })).status_reason).toBe('executing'), 180_000);
    const { worker_id: holder, lease_epoch: epoch } = await client.workloads.get.query({ id });
    const { name } = await client.workers.get.query({ id: holder ?? '' });
    const frozen = under.agents.find((agent) => agent.name === name);
    frozen?.process.freeze();
    await waitUntil(async () => expect((await client.workloads.get.query({ id })).status).toBe('completed'), 180_000);
    const done = await client.workloads.get.query({ id });
    expect(done).toMatchObject({ output: 'taken over\n', lease_epoch: epoch + 1, lease_losses: 1 });
    expect(done.worker_id).not.toBe(holder);
    frozen?.process.thaw();
    const late = [
      { op: 'complete' as const, job_id: id, lease_epoch: epoch, output: 'late' },
      { op: 'fail' as const, job_id: id, lease_epoch: epoch, error: 'late', retryable: true },
      { op: 'checkpoint' as const, job_id: id, lease_epoch: epoch, cursor: 'late' },
    ];
    const { results } = await client.jobs.report.mutate({ worker_id: holder ?? '', items: late });
    expect(results.map((result) => result.code)).toEqual(['LEASE_STALE', 'LEASE_STALE', 'LEASE_STALE']);
    // The thawed agent has noticed by itself, and is of use again.
    const next = await client.workloads.create.mutate({ kind: 'command', payload: { command: 'echo awake' } });
    await waitUntil(async () => expect((await client.workloads.get.query({ id: next.id })).status).toBe('completed'), 180_000);
    expect(await client.workloads.get.query({ id })).toEqual(done);
  });
});
