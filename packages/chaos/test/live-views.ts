import { LiveReader, type Frame } from '@tidemark/core/testing';
import { System } from './system.ts';

export interface LiveViewsOptions {
  readonly views: number;
  /** Events told while all views are open. */
  readonly events: number;
  /** Events told to a single view first, one at a time. */
  readonly alone: number;
  readonly say?: (line: string) => void;
}

interface Spread {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
}

export interface LiveViewsReport {
  readonly views: number;
  readonly events: number;
  /** Events that a view did not get, got twice, or got in another order. */
  readonly wrong: number;
  /** From the agent's report to the only open view. */
  readonly alone: Spread;
  /** From the agent's report to each of all open views. */
  readonly together: Spread;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 10) / 10;
  return { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) };
}

/** A run in the hands of an agent made here, which tells one step event at a time. */
async function openRun(under: System): Promise<{ path: string; tell(message: string): Promise<void> }> {
  const client = under.client(0);
  const { worker_id } = await client.workers.register.mutate({
    name: 'teller',
    worker_type: 'hand',
    version: '1',
    isolations: ['process'],
    kinds: ['monitor'],
    queues: ['monitors'],
    slots: 1,
  });
  const monitor = await client.monitors.create.mutate({ name: 'Page', url: 'http://127.0.0.1/', status: 'paused', timeout_ms: 600_000 });
  await client.monitors.run.mutate({ test_id: monitor.id });
  const [job] = (await client.jobs.claim.mutate({ worker_id, max: 1, wait_ms: 10_000 })).jobs;
  if (job === undefined) throw new Error('no job came');
  let seq = 0;
  return {
    path: `/api/tests/${monitor.id}/live`,
    async tell(message) {
      const text = `${JSON.stringify({ type: 'log', message })}\n`;
      const item = { op: 'output' as const, job_id: job.job_id, lease_epoch: job.lease_epoch, seq, stream: 'log' as const, text };
      seq += 1;
      const { results } = await client.jobs.report.mutate({ worker_id, items: [item] });
      if (results[0]?.ok !== true) throw new Error(`the event was refused: ${results[0]?.message ?? ''}`);
    },
  };
}

interface Seen {
  readonly message: unknown;
  readonly at: number;
}

/** Reads until the last message; answers each message of the series and when it came. */
async function follow(reader: LiveReader, { series, last }: { series: string; last: string }): Promise<Seen[]> {
  const seen: Seen[] = [];
  await reader.until((frame: Frame) => {
    const { message } = frame.data;
    if (typeof message === 'string' && message.startsWith(series)) seen.push({ message, at: performance.now() });
    return message === last;
  });
  return seen;
}

/** Opens as many live views of one monitor as asked on one server, tells events, and looks at what each view got. */
export async function runLiveViews(options: LiveViewsOptions): Promise<LiveViewsReport> {
  const { views, events, alone, say = () => undefined } = options;
  await using under = await System.start({ servers: 1, agents: 0, slots: 1 });
  const run = await openRun(under);
  const url = `${under.servers[0]?.url ?? ''}${run.path}`;
  const soloMs: number[] = [];
  {
    await using solo = await LiveReader.open(url);
    for (let index = 0; index < alone; index += 1) {
      const from = performance.now();
      const [, [seen]] = await Promise.all([run.tell(`solo ${index}`), follow(solo, { series: 'solo', last: `solo ${index}` })]);
      soloMs.push((seen?.at ?? Number.NaN) - from);
    }
  }
  say(`one view: ${JSON.stringify(spreadOf(soloMs))}`);
  const readers: LiveReader[] = [];
  try {
    while (readers.length < views) {
      const more = Math.min(50, views - readers.length);
      readers.push(...(await Promise.all(Array.from({ length: more }, () => LiveReader.open(url)))));
    }
    say(`${readers.length} views are open`);
    const names = Array.from({ length: events }, (_, index) => `event ${index}`);
    const told: number[] = [];
    const following = Promise.all(readers.map((reader) => follow(reader, { series: 'event', last: names.at(-1) ?? '' })));
    for (const name of names) {
      told.push(performance.now());
      await run.tell(name);
    }
    const seen = await following;
    const wrong = seen.filter((list) => list.map((entry) => entry.message).join() !== names.join()).length;
    const togetherMs = seen.flatMap((list) => list.map((entry, index) => entry.at - (told[index] ?? Number.NaN)));
    return { views, events, wrong, alone: spreadOf(soloMs), together: spreadOf(togetherMs) };
  } finally {
    await Promise.all(readers.map((reader) => reader[Symbol.asyncDispose]()));
  }
}
