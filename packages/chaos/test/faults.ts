import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { AgentUnderTest, System } from './system.ts';

export interface FaultCounts {
  agent_kills: number;
  server_kills: number;
  freezes: number;
  database_restarts: number;
  reply_drops: number;
}

type Fault = (system: System, random: Random) => Promise<void>;

/** Leases of an agent that is gone or frozen end now instead of in 30 s: the run is about what happens then. */
export async function endLeasesOf(system: System, agent: AgentUnderTest): Promise<void> {
  await system.endLeases(`worker_id in (select id from worker where name = $1)`, [agent.name]).catch(() => undefined);
}

const FAULTS: Readonly<Record<keyof FaultCounts, Fault>> = {
  agent_kills: async (system, random) => {
    const agent = random.pick(system.agents);
    await agent.process.kill();
    await endLeasesOf(system, agent);
    await delay(random.between(100, 1500));
    await agent.process.start();
  },
  server_kills: async (system, random) => {
    const server = random.pick(system.servers);
    await server.process.kill();
    await delay(random.between(100, 2000));
    await server.process.start();
  },
  freezes: async (system, random) => {
    const agent = random.pick(system.agents);
    agent.process.freeze();
    await endLeasesOf(system, agent);
    // Longer than a sweep: most of what it held is in other hands when it thaws.
    await delay(random.between(3000, 8000));
    agent.process.thaw();
  },
  database_restarts: async (system) => {
    await system.postgres.restart();
  },
  reply_drops: async (system, random) => {
    random.pick(system.servers).proxy.drop(random.between(1, 6));
    await delay(random.between(200, 800));
  },
};

const PLAN: readonly (keyof FaultCounts)[] = ['reply_drops', 'agent_kills', 'freezes', 'server_kills', 'reply_drops', 'database_restarts'];

/** Breaks one thing after the other until `signal` aborts: first one of each kind, then at random. */
export async function injectFaults(system: System, random: Random, signal: AbortSignal): Promise<FaultCounts> {
  const counts: FaultCounts = { agent_kills: 0, server_kills: 0, freezes: 0, database_restarts: 0, reply_drops: 0 };
  for (let step = 0; !signal.aborted; step += 1) {
    const kind = PLAN[step] ?? random.pick(PLAN);
    await FAULTS[kind](system, random);
    counts[kind] += 1;
    await delay(random.between(300, 1500));
  }
  return counts;
}

/** Nothing drops, nothing is frozen; leases of agents that lost them in a crash do not hold the end up. */
export async function heal(system: System): Promise<void> {
  for (const server of system.servers) server.proxy.heal();
  for (const agent of system.agents) agent.process.thaw();
}
