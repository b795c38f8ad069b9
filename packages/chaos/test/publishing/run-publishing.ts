import { setTimeout as delay } from 'node:timers/promises';
import { endLeasesOf } from '../faults.ts';
import { Random } from '../random.ts';
import { System } from '../system.ts';
import { type Fate, Receiver } from './receiver.ts';
import { CounterSampler } from './sample-counters.ts';

export interface PublishingRun {
  readonly seed: number;
  readonly items: number;
  readonly servers: number;
  readonly agents: number;
  readonly slots: number;
  /** Processes killed with -9 and started again, one after the other, while items wait. */
  readonly kills: number;
  readonly limit_ms: number;
  readonly say?: (line: string) => void;
}

export interface PublishingVerdict {
  readonly violations: string[];
  readonly items: number;
  readonly posts: number;
  readonly success: number;
  readonly unconfirmed: number;
  /** Of these, items that were swallowed; the others were in the hands of a killed agent. */
  readonly swallowed: number;
  readonly kills: number;
  readonly samples: number;
  readonly seconds: number;
}

const BATCH = 500;
const SAMPLE_MS = 200;
const TIMEOUT_MS = 2000;

/** 5 % fail once, 10 % are limited once, 1 % are published without an answer. */
function fateOf(number: number): Fate {
  if (number % 100 === 7) return 'swallows';
  if (number % 20 === 3) return 'fails_once';
  return number % 10 === 1 ? 'limits_once' : 'fine';
}

/** Creates everything through either server; a key makes each once, however often it is asked for. */
async function createAll(system: System, url: string, items: number): Promise<Map<string, number>> {
  const { publishing } = system.client(0);
  await publishing.platforms.set.mutate({ platform: 'instagram', connector: 'webhook', url, timeout_ms: TIMEOUT_MS });
  const video = await publishing.videos.create.mutate({ title: 'A video' });
  const clip = await publishing.clips.create.mutate({ video_id: video.id, title: 'A clip' });
  const accounts = Math.max(20, Math.ceil(items / 20));
  const numbers = new Map<string, number>();
  for (let at = 0; at < items; at += BATCH) {
    const page = Array.from({ length: Math.min(BATCH, items - at) }, (_, index) => ({
      clip_id: clip.id,
      platform: 'instagram',
      social_account_id: `acc_${(at + index) % accounts}`,
      idempotency_key: `item-${at + index}`,
    }));
    const made = await system.client(at / BATCH).publishing.publications.createMany.mutate({ items: page });
    for (const [index, { id }] of made.items.entries()) numbers.set(id, at + index);
  }
  return numbers;
}

async function killAround(system: System, run: PublishingRun, isOver: () => boolean): Promise<number> {
  const random = new Random(run.seed);
  let kills = 0;
  while (kills < run.kills) {
    await delay(random.between(500, 2000));
    if (isOver()) break;
    const victim = random.between(0, system.servers.length + system.agents.length - 1);
    const agent = system.agents[victim - system.servers.length];
    const process = agent?.process ?? system.servers[victim]?.process;
    await process?.kill();
    kills += 1;
    if (agent !== undefined) await endLeasesOf(system, agent);
    await process?.start();
  }
  return kills;
}

interface Final {
  id: string;
  status: string;
  sub_status: string | null;
  external_id: string | null;
}

function judge(final: readonly Final[], about: { receiver: Receiver; numbers: Map<string, number>; has_kills: boolean }): string[] {
  const wrong: string[] = [];
  for (const { id, status, sub_status, external_id } of final) {
    const fate = fateOf(about.numbers.get(id) ?? 0);
    const published = about.receiver.published.get(id) ?? 0;
    const state = `${id} (${fate}) is ${status}/${sub_status ?? ''}, published ${published} times`;
    if (published > 1) wrong.push(`posted twice: ${state}`);
    if (status === 'success' && (published !== 1 || external_id !== `post-${id}` || fate === 'swallows'))
      wrong.push(`not published: ${state}`);
    if (status !== 'success' && !(status === 'failed' && sub_status === 'unconfirmed')) wrong.push(`not over as it should be: ${state}`);
    if (status === 'failed' && fate !== 'swallows' && !about.has_kills) wrong.push(`unclear without a reason: ${state}`);
  }
  return wrong;
}

/** Samples until nothing waits; then tells how long it took. */
async function watch(sampler: CounterSampler, run: PublishingRun): Promise<string[]> {
  const started = performance.now();
  let told = started;
  for (;;) {
    const counts = await sampler.sample();
    const left = (counts['pending'] ?? 0) + (counts['scheduled'] ?? 0) + (counts['processing'] ?? 0);
    if (left === 0) return [];
    const now = performance.now();
    if (now - started > run.limit_ms) return [`${left} items were not over after ${run.limit_ms} ms`];
    if (now - told > 10_000) {
      told = now;
      run.say?.(`${left} left`);
    }
    await delay(SAMPLE_MS);
  }
}

/** Publishes items through real servers and agents to a receiver that misbehaves, and judges every one of them. */
export async function runPublishing(run: PublishingRun): Promise<PublishingVerdict> {
  const numbers = new Map<string, number>();
  await using receiver = new Receiver((id) => fateOf(numbers.get(id) ?? 0));
  const url = await receiver.listen();
  // Nothing is dispatched before every number is known: agents come after the items.
  await using system = await System.start({ servers: run.servers, agents: run.agents, slots: run.slots, areAgentsLate: true });
  for (const [id, number] of await createAll(system, url, run.items)) numbers.set(id, number);
  const sampler = await new CounterSampler(system.postgres.url).connect();
  try {
    const started = performance.now();
    await Promise.all(system.agents.map((agent) => agent.process.start()));
    let isOver = false;
    const killing = killAround(system, run, () => isOver);
    const late = await watch(sampler, run);
    isOver = true;
    const kills = await killing;
    const seconds = Math.round((performance.now() - started) / 1000);
    const final = await system.query<Final>('select id, status, sub_status, external_id from publication');
    const unclear = final.filter((item) => item.sub_status === 'unconfirmed');
    const violations = [...late, ...judge(final, { receiver, numbers, has_kills: kills > 0 }), ...sampler.wrong];
    if (final.length !== run.items) violations.push(`${run.items} were created, ${final.length} are there`);
    return {
      violations,
      items: final.length,
      posts: receiver.posts,
      success: final.filter((item) => item.status === 'success').length,
      unconfirmed: unclear.length,
      swallowed: unclear.filter((item) => fateOf(numbers.get(item.id) ?? 0) === 'swallows').length,
      kills,
      samples: sampler.samples,
      seconds,
    };
  } finally {
    await sampler.close();
  }
}
