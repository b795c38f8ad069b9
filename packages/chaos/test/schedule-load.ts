import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Rest } from './rest.ts';
import { System, waitUntil } from './system.ts';

export interface ScheduleLoadOptions {
  readonly monitors: number;
  readonly intervalSeconds: number;
  readonly measureMs: number;
  readonly slots: number;
  readonly say?: (line: string) => void;
}

export interface ScheduleLoadReport {
  readonly monitors: number;
  readonly ticks: number;
  /** Ticks that no request at the target answers for. */
  readonly missed: number;
  /** From when a tick was due until its request reached the target. */
  readonly late_ms: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly over_2_s: number;
  readonly recorded: number;
  readonly failed: number;
  /** Processor time while it was measured, as a share of one processor. */
  readonly server_cpu: number;
  readonly agent_cpu: number;
}

/** Requests told apart by the monitor that sent them, with the time each came. */
class Target {
  readonly #server = createServer((request, response) => {
    const id = new URL(request.url ?? '/', 'http://x').searchParams.get('m') ?? '';
    const times = this.asked.get(id) ?? [];
    times.push(Date.now());
    this.asked.set(id, times);
    response.end('ok');
  });
  readonly asked = new Map<string, number[]>();
  url = '';

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Processor time of a process in milliseconds; 0 where the system does not tell. */
function cpuMs(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

async function createMonitors(rest: Rest, target: Target, options: ScheduleLoadOptions): Promise<void> {
  const names = Array.from({ length: options.monitors }, (_, index) => `m${index}`);
  const create = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const body = { id: name, name, url: `${target.url}/?m=${name}`, interval_seconds: options.intervalSeconds, timeout_ms: 10_000 };
      await rest.ask('POST /api/tests', body);
    }
  };
  await Promise.all(Array.from({ length: 8 }, create));
}

/** What came of the ticks that were due in [from, to), by the grid each monitor keeps. */
function judge(due: ReadonlyMap<string, number>, target: Target, span: { from: number; to: number; interval: number }) {
  const lateMs: number[] = [];
  let missed = 0;
  for (const [id, phase] of due) {
    const asked = target.asked.get(id) ?? [];
    const first = Math.ceil((span.from - phase) / span.interval) * span.interval + phase;
    for (let at = first; at < span.to; at += span.interval) {
      const came = asked.find((time) => time >= at && time < at + span.interval);
      if (came === undefined) missed += 1;
      else lateMs.push(came - at);
    }
  }
  return { lateMs: lateMs.toSorted((left, right) => left - right), missed };
}

/** Runs light monitors on one server and one agent, and compares when they were due with when the target was asked. */
export async function runScheduleLoad(options: ScheduleLoadOptions): Promise<ScheduleLoadReport> {
  const { monitors, intervalSeconds, measureMs, slots, say = () => undefined } = options;
  const interval = intervalSeconds * 1000;
  await using under = await System.start({ servers: 1, agents: 1, slots });
  const target = new Target();
  await target.open();
  try {
    const rest = new Rest(under.servers[0]?.url ?? '');
    await createMonitors(rest, target, options);
    say(`${monitors} monitors made`);
    await waitUntil(() => {
      if (target.asked.size < monitors) throw new Error(`${target.asked.size} of ${monitors} ran`);
    }, 300_000);
    // The first runs are all at once; what is measured comes after them.
    await delay(interval);
    const rows = await under.query<{ id: string; at: number }>(
      'select test_id as id, (extract(epoch from next_run_at) * 1000)::float8 as at from monitor_state',
    );
    const due = new Map(rows.map(({ id, at }) => [id, Math.round(at) % interval]));
    const processes = [under.servers[0]?.process.pid, under.agents[0]?.process.pid];
    const cpuBefore = processes.map(cpuMs);
    const from = Date.now();
    say(`measuring for ${measureMs / 1000} s`);
    await delay(measureMs);
    const to = Date.now();
    const [server_cpu = 0, agent_cpu = 0] = processes.map((pid, index) => (cpuMs(pid) - (cpuBefore[index] ?? 0)) / (to - from));
    // Ticks that were due at the end get their time as well.
    await delay(5000);
    const { lateMs, missed } = judge(due, target, { from, to, interval });
    const [counts] = await under.query<{ n: number; failed: number }>(
      'select count(*)::int as n, (count(*) filter (where not passed))::int as failed from run where started_at >= to_timestamp($1::float8 / 1000) and started_at < to_timestamp($2::float8 / 1000)',
      [from, to],
    );
    const at = (share: number): number => lateMs[Math.min(lateMs.length - 1, Math.floor(share * lateMs.length))] ?? Number.NaN;
    return {
      monitors,
      ticks: lateMs.length + missed,
      missed,
      late_ms: { p50: at(0.5), p99: at(0.99), max: at(1) },
      over_2_s: lateMs.filter((late) => late > 2000).length,
      recorded: counts?.n ?? 0,
      failed: counts?.failed ?? 0,
      server_cpu: Math.round(server_cpu * 100) / 100,
      agent_cpu: Math.round(agent_cpu * 100) / 100,
    };
  } finally {
    target.close();
  }
}
