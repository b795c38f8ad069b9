import { setTimeout as delay } from 'node:timers/promises';
import { heal, injectFaults, type FaultCounts } from './faults.ts';
import { Ghost } from './ghost.ts';
import { Random } from './random.ts';
import { Submitter } from './submitter.ts';
import { System, waitUntil } from './system.ts';
import { judge, type Verdict } from './verdict.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long things break; starting and draining come on top. */
  readonly faultMs: number;
  readonly agents: number;
  readonly ghosts: number;
  readonly limit: number;
  /** Only ghosts disturb: enough to tell a server without a fence. */
  readonly isCalm?: boolean;
  readonly isFaulty?: boolean;
  readonly say?: (line: string) => void;
}

const DRAIN_MS = 120_000;

/** What agents lost in crashes ends with the exercise, not half a minute later. */
async function drain(system: System): Promise<void> {
  await waitUntil(async () => {
    // Only leases nobody renews any more: a living agent beats every ten seconds.
    await system.endLeases(`expires_at < now() + interval '12 s'`);
    const [left] = await system.query<{ n: number }>(`select count(*)::int as n from workload where finished_at is null`);
    if (left?.n !== 0) throw new Error(`${left?.n ?? 'some'} workloads do not end`);
  }, DRAIN_MS);
}

/** Lets agents work and clients submit while everything around them breaks; then heals, drains and judges. */
export async function runChaos(options: ChaosOptions): Promise<Verdict> {
  const say = options.say ?? (() => undefined);
  const random = new Random(options.seed);
  await using system = await System.start({ servers: 2, agents: options.agents, slots: 4, isFaulty: options.isFaulty === true });
  say(`seed ${options.seed}: 2 servers and ${options.agents} agents run`);
  const submitter = new Submitter(system, new Random(options.seed + 1));
  const ghosts = Array.from({ length: options.ghosts }, (_, index) => new Ghost(system, `ghost-${index}`));
  const over = new AbortController();
  const submitting = Promise.all(Array.from({ length: 3 }, () => submitter.run(options.limit, over.signal)));
  const haunting = Promise.all(ghosts.map((ghost) => ghost.run(over.signal)));
  const breaking: Promise<FaultCounts | null> = options.isCalm === true ? Promise.resolve(null) : injectFaults(system, random, over.signal);
  await Promise.race([delay(options.faultMs), breaking.then(() => delay(options.faultMs))]);
  over.abort();
  const faults = await breaking;
  await heal(system);
  await Promise.all([submitting, haunting]);
  say(`${submitter.acknowledged.size} workloads acknowledged, draining`);
  const problem = await drain(system).then(
    () => null,
    (error: unknown) => String(error),
  );
  const verdict = await judge(system, { seed: options.seed, submitter, ghosts, faults });
  return problem === null ? verdict : { ...verdict, violations: [problem, ...verdict.violations] };
}
