import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RouterInputs, RouterOutputs } from '@tidemark/api/client';
import { HEARTBEAT_MS, LEASE_MS } from '@tidemark/core/workers/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, TestSystem, until } from './system.ts';

type Workload = RouterOutputs['workloads']['get'];

/** How to start an agent of kind `command` as a process of its own. `state` is a path that is its alone. */
export interface AgentUnderTest {
  name: string;
  command(options: { url: string; name: string; labels: string; state: string; grace_seconds: number }): {
    program: string;
    args: string[];
  };
}

/** Lets an agent of any language run against a real server: one test per promise of docs/agent-protocol.md. */
export function describeConformance(agent: AgentUnderTest): void {
  describe.concurrent(`the agent protocol, spoken by ${agent.name}`, { timeout: 8 * LEASE_MS }, () => {
    const bench = new Bench(agent);
    beforeAll(() => bench.open());
    afterAll(() => bench.close());

    test('a command runs to its end and comes back with its output and exit code', async () => {
      await bench.start('plain');
      const shell = await bench.submit('plain', {
        command: 'cat; echo err >&2; echo "$GREETING"',
        env: { GREETING: 'héllo' },
        stdin: 'in\n',
      });
      const argv = await bench.submit('plain', { command: ['printf', '%s', 'a b'] });
      expect(await bench.ended(shell)).toMatchObject({
        status: 'completed',
        output: 'in\nerr\nhéllo\n',
        exit_code: 0,
        attempt: 1,
        lease_losses: 0,
      });
      expect(await bench.ended(argv)).toMatchObject({ status: 'completed', output: 'a b', exit_code: 0 });
    });

    test('a failing command keeps its output and exit code and is tried again while attempts are left', async () => {
      await bench.start('failing');
      const id = await bench.submit('failing', { command: 'echo no; exit 7' }, { max_attempts: 2, backoff_ms: 1 });
      const missing = await bench.submit('failing', { command: ['/no/such/program'] }, { max_attempts: 5 });
      expect(await bench.ended(id)).toMatchObject({ status: 'failed', status_reason: 'error', output: 'no\n', exit_code: 7, attempt: 2 });
      expect(await bench.ended(missing)).toMatchObject({ status: 'failed', attempt: 1 });
    });

    test('heartbeats keep a job for longer than its lease', async () => {
      await bench.start('patient');
      const id = await bench.submit('patient', { command: `sleep ${LEASE_MS / 1000 + 3}; echo done` });
      expect(await bench.ended(id)).toMatchObject({ status: 'completed', output: 'done\n', attempt: 1, lease_losses: 0 });
    });

    test('a cancelled command is stopped and the cancel confirmed', async () => {
      await bench.start('obedient');
      const id = await bench.submit('obedient', { command: 'echo begun; sleep 300' });
      await bench.running(id);
      await bench.system.client.workloads.cancel.mutate({ id });
      expect(await bench.ended(id)).toMatchObject({ status: 'cancelled', status_reason: 'requested' });
    });

    test('a command over its time limit fails as timeout', async () => {
      await bench.start('limited');
      const id = await bench.submit('limited', { command: 'sleep 300' }, { timeout_ms: 500 });
      expect(await bench.ended(id)).toMatchObject({ status: 'failed', status_reason: 'timeout' });
    });

    test('work that a person ended meanwhile is stopped by the next heartbeat and nothing of it is told', async () => {
      await bench.start('overruled');
      const beat = join(bench.system.folder, 'overruled');
      const id = await bench.submit('overruled', { command: `while :; do date +%s%N > ${beat}; sleep 0.05; done` });
      await until('it beats', () => readFile(beat).then((text) => text.length > 0));
      await bench.system.client.workloads.update.mutate({ id, status: 'completed', output: 'by hand' });
      await bench.quiet(beat, 3 * HEARTBEAT_MS);
      expect(await bench.get(id)).toMatchObject({ status: 'completed', output: 'by hand', lease_losses: 0 });
    });

    test('work that was taken away and handed out again runs once more, and only the second run is told', async () => {
      await bench.start('fenced');
      const beat = join(bench.system.folder, 'beat');
      const gate = join(bench.system.folder, 'gate');
      const first = `while :; do date +%s%N > ${beat}; sleep 0.05; done`;
      const id = await bench.submit('fenced', { command: `[ -e ${gate} ] && echo second && exit 0; touch ${gate}; ${first}` });
      await until('it beats', () => readFile(beat).then((text) => text.length > 0));
      await bench.system.client.workloads.update.mutate({ id, status: 'pending' });
      expect(await bench.ended(id)).toMatchObject({ status: 'completed', output: 'second\n' });
      await bench.quiet(beat, 3 * HEARTBEAT_MS);
      expect(await bench.get(id)).toMatchObject({ status: 'completed', output: 'second\n' });
    });

    test('SIGTERM hands back what runs, without charging the attempt, and signs off', async () => {
      const running = await bench.start('leaving');
      const begun = join(bench.system.folder, 'begun');
      const id = await bench.submit('leaving', { command: `touch ${begun}; sleep 300` });
      await until('it has begun', () => readFile(begun).then(() => true));
      running.child.kill('SIGTERM');
      expect(await running.exited).toBe(0);
      expect(await bench.get(id)).toMatchObject({ status: 'pending', status_reason: 'released', attempt: 0, lease_losses: 0 });
      expect(await bench.worker('leaving')).toMatchObject({ liveness: 'stopped' });
    });

    test('an agent that starts again on its state is the same worker', async () => {
      const first = await bench.start('returning');
      const before = await bench.worker('returning');
      // Who has worked has kept its identity.
      await bench.ended(await bench.submit('returning', { command: 'true' }));
      first.child.kill('SIGKILL');
      await first.exited;
      await bench.start('returning', { session: 2 });
      expect(await bench.worker('returning')).toMatchObject({ id: before?.id, session: 2 });
    });

    test('a server that is killed and comes back gets the outcome', async () => {
      const own = new Bench(agent);
      await own.open();
      try {
        await own.start('survivor');
        const gate = join(own.system.folder, 'gate');
        const id = await own.submit('survivor', {
          command: `echo begun; : > ${gate}-begun; while [ ! -e ${gate} ]; do sleep 0.05; done; echo ended`,
        });
        // Until its agent has read of it, a server that dies takes the answer along.
        await until('the command has begun', () => readFile(`${gate}-begun`).then(() => true));
        await own.system.killServer();
        await writeFile(gate, '');
        await own.system.startServer();
        expect(await own.ended(id)).toMatchObject({ status: 'completed', output: 'begun\nended\n', attempt: 1, lease_losses: 0 });
      } finally {
        await own.close();
      }
    });
  });
}

/** One server, and agents of one make. */
class Bench {
  readonly #agent: AgentUnderTest;
  #system: TestSystem | undefined;

  constructor(agent: AgentUnderTest) {
    this.#agent = agent;
  }

  get system(): TestSystem {
    if (this.#system === undefined) throw new Error('the bench is not open');
    return this.#system;
  }

  async open(): Promise<void> {
    this.#system = await TestSystem.start();
  }

  async close(): Promise<void> {
    await this.#system?.close();
  }

  /** Resolves when the server has seen it. */
  async start(name: string, { session = 1 } = {}): Promise<Running> {
    const { url } = this.system;
    const options = { url, name, labels: `agent=${name}`, state: this.system.stateDir(name), grace_seconds: 0 };
    const { program, args } = this.#agent.command(options);
    const running = this.system.runProgram(program, args);
    await until(`${name} is registered`, async () => {
      const worker = await this.worker(name);
      return worker?.liveness === 'online' && worker.session >= session;
    });
    return running;
  }

  async worker(name: string): Promise<RouterOutputs['workers']['list']['items'][number] | undefined> {
    return (await this.system.client.workers.list.query({})).items.find((worker) => worker.name === name);
  }

  /** For the agent of that name only. */
  async submit(name: string, payload: object, more: Partial<RouterInputs['workloads']['create']> = {}): Promise<string> {
    const input = { kind: 'command', payload, required_labels: { agent: name }, ...more };
    return (await this.system.client.workloads.create.mutate(input)).id;
  }

  get(id: string): Promise<Workload> {
    return this.system.client.workloads.get.query({ id });
  }

  running(id: string): Promise<Workload> {
    return until(`${id} runs`, async () => {
      const workload = await this.get(id);
      return workload.status === 'running' && workload;
    });
  }

  ended(id: string, deadlineMs: number = 4 * LEASE_MS): Promise<Workload> {
    const isOver = ({ status }: Workload): boolean => ['completed', 'failed', 'cancelled'].includes(status);
    return until(
      `${id} ends`,
      async () => {
        const workload = await this.get(id);
        return isOver(workload) && workload;
      },
      deadlineMs,
    );
  }

  /** Resolves when a file that something writes again and again is no longer written. */
  async quiet(path: string, deadlineMs: number): Promise<void> {
    let last = '';
    let times = 0;
    await until(
      `${path} is quiet`,
      async () => {
        const now = await readFile(path, 'utf8');
        times = now === last ? times + 1 : 0;
        last = now;
        return times >= 20;
      },
      deadlineMs,
    );
  }
}
