import type { Handler, HandlerJob } from '@tidemark/sdk';
import { Keyspace } from './keyspace.ts';
import { Pace } from './pace.ts';
import { ScanPayload } from './payload.ts';
import { describeScan, type ScanReport } from './report.ts';
import type { RedisNode } from './redis-node.ts';
import { newScanState, ScanState } from './scan-state.ts';
import { Counter, emptyTally, prefixOf, type Tally } from './tally.ts';

const CHECKPOINT_MS = 1_000;

type ScanJob = HandlerJob<ScanPayload>;
type NodeState = NonNullable<ScanState['node']>;

/** Walks the keyspace of a Redis and reports what is in it. */
export const scanHandler: Handler<typeof ScanPayload> = { payload: ScanPayload, run: (job) => new Scan(job).run() };

class Scan {
  readonly #job: ScanJob;
  readonly #keyspace: Keyspace;
  readonly #pace: Pace;
  #state: ScanState = newScanState(0);
  #counter: Counter | null = null;
  #connection: RedisNode | null = null;
  #sinceCheckpoint = 0;
  #checkpointAt = performance.now();

  constructor(job: ScanJob) {
    this.#job = job;
    const { redis_url: url, keys_per_second } = job.payload;
    this.#keyspace = new Keyspace({ url, signal: job.signal, log: (text) => job.log(text) });
    this.#pace = new Pace(keys_per_second);
  }

  async run(): Promise<ScanReport> {
    try {
      const { names, dbsize } = await this.#keyspace.survey();
      const found = ScanState.safeParse(this.#job.cursor);
      this.#state = found.success ? found.data : newScanState(dbsize);
      if (found.success) this.#job.log(`going on after ${this.#keys()} keys`);
      // The one in hand first: what was counted of it is only good together with its cursor.
      const inHand = this.#state.node?.name;
      const left = names.filter((name) => !this.#state.done.includes(name)).toSorted((a, b) => Number(b === inHand) - Number(a === inHand));
      for (const name of left) await this.#scanNode(name);
      const after = await this.#keyspace.survey();
      this.#job.progress({ done: this.#keys(), total: Math.max(after.dbsize, this.#keys()) });
      await this.#checkpoint();
      return describeScan(this.#state, { payload: this.#job.payload, masters: names.length, dbsize: after.dbsize });
    } finally {
      // What was counted since the last checkpoint goes with a hand-over or a retry.
      if (this.#sinceCheckpoint > 0) void this.#checkpoint().catch(() => undefined);
      this.#keyspace.close();
    }
  }

  async #scanNode(name: string): Promise<void> {
    while (!(await this.#keyspace.use(name, (redis) => this.#scanPage(name, redis)))) {
      if (performance.now() - this.#checkpointAt >= CHECKPOINT_MS) await this.#checkpoint();
    }
    const { node } = this.#state;
    if (node !== null) new Counter(this.#state.finished).addTally(node.tally);
    this.#state.done.push(name);
    this.#state.node = null;
    this.#keyspace.close();
  }

  /** One page. Its counts and its cursor change together or not at all, so a page that breaks is simply asked again. */
  async #scanPage(name: string, redis: RedisNode): Promise<boolean> {
    const { payload, signal } = this.#job;
    const node = await this.#nodeState(name, redis);
    const count = Math.min(payload.count, payload.keys_per_second ?? payload.count);
    await this.#pace.spend(count, signal);
    const page = await redis.scan(node.cursor, { match: payload.match, count });
    // The same key may come twice; within a page that is seen.
    const keys = [...new Map(page.keys.map((key) => [key.toString('latin1'), key])).values()];
    const first = node.tally.total.keys + node.tally.vanished;
    const asked = keys.map((key, at) => ({ key, is_sampled: (first + at) % payload.memory_sample_every === 0 }));
    const answers = await redis.describe(asked);
    const counter = this.#counterOf(node.tally);
    node.tally.looked_at += Math.max(count, page.keys.length);
    answers.forEach((answer, at) => {
      if (answer === null) {
        node.tally.vanished += 1;
        return;
      }
      const key = (keys[at]?.toString() ?? '').replaceAll('\0', '\uFFFD');
      counter.add({ name: key, prefix: prefixOf(key, payload.separator, payload.prefix_segments), ...answer });
      this.#sinceCheckpoint += 1;
    });
    node.cursor = page.cursor;
    return page.cursor === '0';
  }

  #counterOf(tally: Tally): Counter {
    if (this.#counter?.tally !== tally) this.#counter = new Counter(tally);
    return this.#counter;
  }

  /** Asked once per connection: only a server that is still the same one knows its cursor. */
  async #nodeState(name: string, redis: RedisNode): Promise<NodeState> {
    const before = this.#state.node;
    if (before?.name === name && this.#connection === redis) return before;
    const run_id = await redis.runId();
    this.#connection = redis;
    if (before?.name === name && before.run_id === run_id) return before;
    if (before !== null) {
      this.#job.log('the server was started anew: counting its keys from the beginning');
      this.#state.restarted_nodes += 1;
    }
    const node: NodeState = { name, run_id, cursor: '0', tally: emptyTally() };
    this.#state.node = node;
    return node;
  }

  #keys(): number {
    return this.#state.finished.total.keys + (this.#state.node?.tally.total.keys ?? 0);
  }

  async #checkpoint(): Promise<void> {
    const { finished, node, dbsize } = this.#state;
    const done = this.#job.payload.match === '*' ? this.#keys() : Math.min(dbsize, finished.looked_at + (node?.tally.looked_at ?? 0));
    const keys_scanned = this.#sinceCheckpoint;
    this.#sinceCheckpoint = 0;
    this.#checkpointAt = performance.now();
    // A copy: what is counted while it waits belongs to the next one.
    await this.#job.checkpoint({ cursor: structuredClone(this.#state), keys_scanned, progress: { done, total: Math.max(dbsize, done) } });
  }
}
