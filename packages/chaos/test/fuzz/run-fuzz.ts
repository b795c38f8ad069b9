import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startPostgres } from '@tidemark/core/testing';
import { Child } from '../child.ts';
import { Random } from '../random.ts';
import { type Call, listTargets, makeCall } from './make-call.ts';

const SERVER = fileURLToPath(new URL('../../../../apps/server/src/main.ts', import.meta.url));
/** Streams and long polls have said enough by then. */
const PATIENCE_MS = 2000;
const AT_ONCE = 6;
const MAX_KNOWN = 400;
const MAX_ERROR_BYTES = 8192;
const QUIET_PROBES = 200;
/** What only our own insides would say. */
const LEAK =
  /node_modules|\.(?:ts|js):\d+|\bat [\w.<>]+ \(|\bselect .+ from |\binsert into |SQLSTATE|syntax error at|violates |pg_catalog|PostgresError|stack/i;

export interface FuzzOptions {
  readonly seed: number;
  readonly calls: number;
  readonly engine: 'pglite' | 'postgres';
  readonly say: (line: string) => void;
}

export interface FuzzVerdict {
  readonly seed: number;
  readonly calls: number;
  readonly targets: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Procedures that answered with success at least once. */
  readonly succeeded: number;
  /** Answers that must not be; at most fifty are kept. */
  readonly violations: readonly string[];
  /** Of a small read, in milliseconds: alone, and between the others. */
  readonly quiet_p99_ms: number;
  readonly busy_p99_ms: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(url: string, call: Call): Promise<Answer | null> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const { method, headers } = call;
    const response = await fetch(url + call.path, {
      method,
      headers,
      signal,
      ...(call.body === null || method === 'GET' ? {} : { body: call.body }),
    });
    const isLive = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (!isLive) return { status: response.status, text: await response.text() };
    await response.body?.cancel();
    return { status: response.status, text: '' };
  } catch (error) {
    // Ours to give up; a connection that breaks is looked at by whoever asks whether the server lives.
    if (signal.aborted) return null;
    return {
      status: 0,
      text: error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}` : String(error),
    };
  }
}

function problemOf({ status, text }: Answer, call: Call): string | null {
  const where = `${call.method} ${call.path.slice(0, 300)} ${call.body?.slice(0, 1500) ?? ''}`;
  // A body over the limit is not read to its end: the connection is closed on its sender.
  if (status === 0 && (call.body?.length ?? 0) > 1_000_000) return null;
  if (status === 0) return `no answer (${text}): ${where}`;
  if (status >= 500) return `${status} ${text.slice(0, 300)}: ${where}`;
  if (status < 400) return null;
  if (Buffer.byteLength(text) > MAX_ERROR_BYTES && call.target !== 'batch') return `an error of ${text.length} characters: ${where}`;
  return LEAK.test(text.replace(call.body ?? '', '')) && !LEAK.test(decodeURIComponent(encodeURI(where)) + where)
    ? `says too much: ${text.slice(0, 500)}: ${where}`
    : null;
}

const ID = /"((?:[a-z]{2,5}_)[0-9a-z]{12,60})"/g;

class Fuzz {
  readonly #url: string;
  readonly #random: Random;
  readonly #known: string[] = [];
  readonly #statuses = new Map<string, number>();
  readonly #succeeded = new Set<string>();
  readonly #violations: string[] = [];
  readonly #targets = listTargets();
  #sent = 0;

  constructor(url: string, seed: number) {
    this.#url = url;
    this.#random = new Random(seed);
  }

  async run({ calls, seed, say }: FuzzOptions): Promise<FuzzVerdict> {
    const quiet = await this.#probe(QUIET_PROBES);
    const busy: number[] = [];
    const work = async (): Promise<void> => {
      while (this.#sent < calls) {
        this.#sent += 1;
        if (this.#sent % 1000 === 0) say(`${this.#sent} calls, ${this.#violations.length} violations`);
        await this.#one();
        if (this.#sent % 5 === 0) busy.push(...(await this.#probe(1)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return {
      seed,
      calls: this.#sent,
      targets: this.#targets.length,
      statuses: Object.fromEntries([...this.#statuses].toSorted(([left], [right]) => left.localeCompare(right))),
      succeeded: this.#succeeded.size,
      violations: this.#violations,
      quiet_p99_ms: p99(quiet),
      busy_p99_ms: p99(busy),
    };
  }

  async #one(): Promise<void> {
    const call = makeCall(this.#targets, { random: this.#random, known: this.#known, definitions: {} });
    const answer = await send(this.#url, call);
    const status = answer === null ? 'given up' : String(answer.status);
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (answer === null) return;
    if (answer.status >= 200 && answer.status < 300) this.#learn(call, answer.text);
    const problem = problemOf(answer, call);
    if (problem !== null && this.#violations.length < 50) this.#violations.push(problem);
  }

  #learn(call: Call, text: string): void {
    this.#succeeded.add(call.target);
    for (const [, id] of text.slice(0, 20_000).matchAll(ID)) {
      if (id === undefined || this.#known.includes(id)) continue;
      if (this.#known.length >= MAX_KNOWN) this.#known.splice(this.#random.between(0, MAX_KNOWN - 1), 1);
      this.#known.push(id);
    }
  }

  async #probe(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let probe = 0; probe < count; probe += 1) {
      const started = performance.now();
      const answer = await fetch(`${this.#url}/v1/stats`, { signal: AbortSignal.timeout(30_000) }).catch(() => null);
      if (answer?.status === 200) await answer.text();
      else this.#violations.push(`the probe got ${answer?.status ?? 'no answer'}`);
      times.push(performance.now() - started);
    }
    return times;
  }
}

function p99(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0) * 10) / 10;
}

/** Calls every procedure of a real server with what its schema describes and with what it does not. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzVerdict> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-fuzz-'));
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const postgres = options.engine === 'postgres' ? await startPostgres() : null;
  if (postgres !== null) stack.defer(() => postgres.stop());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = new Child({
    args: [SERVER],
    env: {
      ...(postgres === null ? {} : { DATABASE_URL: postgres.url }),
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: folder,
      TIDEMARK_AUTH: 'off',
      LOG_LEVEL: 'error',
    },
    ready: async () => {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (!response.ok) throw new Error(`${response.status}`);
    },
  });
  await server.start();
  stack.defer(() => server.kill());
  const verdict = await new Fuzz(url, options.seed).run(options);
  const isAlive = await fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
  const end = isAlive ? [] : ['the server is gone'];
  if (verdict.violations.length > 0 || !isAlive) options.say(server.text);
  return { ...verdict, violations: [...verdict.violations, ...end] };
}
