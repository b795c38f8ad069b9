import { setTimeout as delay } from 'node:timers/promises';
import type { Client, RouterOutputs } from '@tidemark/api/client';

type Workload = RouterOutputs['workloads']['get'];

const WORK_EVERY_MS = 5000;
const PUBLISH_EVERY_MS = 40_000;
/** Examples are read again this often: what live work leaves is an example too. */
const EXAMPLES = 200;
/** Live work of the demo is short enough to be watched. */
const MAX_LASTS_MS = 45_000;
const KEYS_PER_SECOND = 40_000;

/** Workloads of the past that the demo's agents can run again. */
async function readExamples(client: Client): Promise<Workload[]> {
  const { items } = await client.workloads.list.query({ label: 'demo=true', isolation: 'process', limit: EXAMPLES });
  const over = items.filter((item) => item.status === 'completed' || item.status === 'failed');
  return Promise.all(over.slice(0, 40).map(({ id }) => client.workloads.get.query({ id })));
}

function pick<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

/** Submits work like an example: as long and with the same end, a little shuffled. */
async function submitLike(client: Client, example: Workload): Promise<void> {
  const lasts_ms = Math.min(MAX_LASTS_MS, Math.round((example.duration_ms ?? 1000) * (0.6 + 0.8 * Math.random())));
  const keys_per_second = example.keys_scanned === null ? null : Math.round(KEYS_PER_SECOND * (0.85 + 0.3 * Math.random()));
  const payload = { ...(example.payload as object), live: { lasts_ms, error: example.error, keys_per_second } };
  const { kind, isolation, queue, labels, max_attempts, timeout_ms } = example;
  await client.workloads.create.mutate({
    kind,
    isolation,
    queue,
    labels,
    max_attempts,
    payload,
    ...(timeout_ms === null ? {} : { timeout_ms }),
  });
}

async function publishSomething(client: Client): Promise<void> {
  const { items: accounts } = await client.publishing.platforms.listAccounts.query({ status: 'active', limit: 50 });
  const account = pick(accounts);
  const { items: clips } = await client.publishing.clips.list.query({ limit: 50 });
  const clip = pick(clips);
  if (account === undefined || clip === undefined) return;
  await client.publishing.publications.create.mutate({ clip_id: clip.id, platform: account.platform, social_account_id: account.id });
}

/** Repeats something until told to stop. A server that is away for a moment is tried again the next time. */
async function repeat(everyMs: number, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await run().catch(() => undefined);
    await delay(everyMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  }
}

/** Keeps a gentle stream of work and publications coming, like those of the past, until `signal` aborts. */
export async function makeTraffic(client: Client, signal: AbortSignal): Promise<void> {
  let examples: Workload[] = [];
  const work = async (): Promise<void> => {
    if (examples.length === 0) examples = await readExamples(client);
    const example = pick(examples);
    if (example !== undefined) await submitLike(client, example);
  };
  await Promise.all([repeat(WORK_EVERY_MS, signal, work), repeat(PUBLISH_EVERY_MS, signal, () => publishSomething(client))]);
}
