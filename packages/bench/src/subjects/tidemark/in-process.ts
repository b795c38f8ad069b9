import { join } from 'node:path';
import type { CoreContext } from '@tidemark/core/ports';
import { claimJobs, report } from '@tidemark/core/jobs';
import { createWorkload, createWorkloads } from '@tidemark/core/workloads';
import type { Outcome, Perform, TrialRequest } from '../../trial.ts';
import { Tally } from '../tally.ts';
import { inFlight, latency, rate } from '../timing.ts';
import { inputOf, inputsOf, openEmbeddedEngine, openEngine, preload, registerAgents } from './open-engine.ts';
import type { Engine, Lens } from './open-engine.ts';
import { runAgents } from './run-agents.ts';
import type { Agent, Progress } from './run-agents.ts';
import { verify } from './verify.ts';

function agentsOf(core: CoreContext, ids: readonly string[]): Agent[] {
  return ids.map((worker_id) => ({ worker_id, report: (input) => report(core, input) }));
}

async function drain(engine: Engine, request: TrialRequest, hasCounters: boolean): Promise<Outcome> {
  const { n, agents, lease } = request.trial.params;
  await preload(engine.core, n);
  const ids = await registerAgents(engine.core, agents);
  await engine.settle();
  const progress: Progress = { tally: new Tally(n), completed: 0, problems: [] };
  const measure = await rate('jobs/s', n, () => runAgents(agentsOf(engine.core, ids), lease, progress));
  const wrong = await verify(engine.database, { created: n, completed: n, events: 3 * n, has_counters: hasCounters });
  return { measures: [measure], problems: [...progress.tally.problems(), ...progress.problems.slice(0, 3), ...wrong] };
}

export function lifecycle(lens?: Lens): Perform {
  return async (request) => {
    const engine = await openEngine(request.postgres_url, lens);
    try {
      return await drain(engine, request, lens === undefined);
    } finally {
      await engine.close();
    }
  };
}

export async function embeddedLifecycle(request: TrialRequest): Promise<Outcome> {
  const engine = await openEmbeddedEngine(join(request.scratch_dir, 'tidemark'));
  try {
    return await drain(engine, request, true);
  } finally {
    await engine.close();
  }
}

/** The rate of a tenth near the start of a long run, once the code is warm, and of the last tenth. */
export async function decay(request: TrialRequest): Promise<Outcome> {
  const { n, agents, lease } = request.trial.params;
  const engine = await openEngine(request.postgres_url);
  try {
    await preload(engine.core, n);
    const ids = await registerAgents(engine.core, agents);
    await engine.settle();
    const part = Math.floor(n / 10);
    const marks: { completed: number; at: number }[] = [];
    const progress: Progress = {
      tally: new Tally(n),
      completed: 0,
      problems: [],
      onCompleted: (completed) => marks.push({ completed, at: performance.now() }),
    };
    await runAgents(agentsOf(engine.core, ids), lease, progress);
    const wrong = await verify(engine.database, { created: n, completed: n, events: 3 * n });
    const warm = Math.floor(n / 20);
    const at = (completed: number): number => marks.find((mark) => mark.completed >= completed)?.at ?? Number.NaN;
    const first = { name: 'first-tenth', value: (part * 1000) / (at(warm + part) - at(warm)), unit: 'jobs/s', n: part } as const;
    const last = { name: 'last-tenth', value: (part * 1000) / (at(n) - at(n - part)), unit: 'jobs/s', n: part } as const;
    return { measures: [first, last], problems: [...progress.tally.problems(), ...progress.problems.slice(0, 3), ...wrong] };
  } finally {
    await engine.close();
  }
}

export async function create(request: TrialRequest): Promise<Outcome> {
  const { n, agents, lease } = request.trial.params;
  const engine = await openEngine(request.postgres_url);
  try {
    // The lane is made by the first workload of its kind.
    await createWorkload(engine.core, inputOf(0));
    await engine.settle();
    const measure = await rate('jobs/s', n, () =>
      inFlight<unknown>(agents, n / lease, (index) =>
        lease === 1 ? createWorkload(engine.core, inputOf(index)) : createWorkloads(engine.core, { items: inputsOf(index * lease, lease) }),
      ),
    );
    return { measures: [measure], problems: await verify(engine.database, { created: n + 1, completed: 0, events: n + 1 }) };
  } finally {
    await engine.close();
  }
}

/** From the call that creates until an agent in a long poll has the job, nothing else going on. */
export async function idleLatency(request: TrialRequest): Promise<Outcome> {
  const { n } = request.trial.params;
  const engine = await openEngine(request.postgres_url);
  try {
    const [workerId = ''] = await registerAgents(engine.core, 1);
    const stop = new AbortController();
    const started = new Map<number, (at: number) => void>();
    const progress: Progress = { tally: new Tally(n), completed: 0, problems: [] };
    const serve = async (): Promise<void> => {
      while (!progress.tally.isFull) {
        const { jobs } = await claimJobs(engine.core, { worker_id: workerId, max: 1, wait_ms: 25_000 }, stop.signal);
        const at = performance.now();
        for (const job of jobs) {
          progress.tally.take(job.job_id);
          started.get((job.payload as { n: number }).n)?.(at);
          await report(engine.core, {
            worker_id: workerId,
            items: [{ op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch, exit_code: 0 }],
          });
        }
      }
    };
    const serving = serve();
    const samples: number[] = [];
    for (let index = 0; index < n; index += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5 + (index % 10)));
      const start = performance.now();
      const handed = new Promise<number>((resolve) => started.set(index, resolve));
      await createWorkload(engine.core, inputOf(index));
      samples.push((await handed) - start);
    }
    await serving;
    stop.abort();
    return {
      measures: [latency(samples)],
      problems: [...progress.tally.problems(), ...(await verify(engine.database, { created: n, completed: n, events: 3 * n }))],
    };
  } finally {
    await engine.close();
  }
}
