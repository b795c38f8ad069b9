import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@tidemark/api/client';
import { COMPILE_CACHE, copyMigratedDatabase } from '@tidemark/core/testing';

const SERVER = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));
const AGENT = fileURLToPath(new URL('../main.ts', import.meta.url));
const HANDLERS = fileURLToPath(new URL('./test-handlers.ts', import.meta.url));
const POLL_MS = 50;
const START_MS = 180_000;

/** Looks until it finds something. @throws with the last thing seen when the deadline is over. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | null | undefined | false>,
  deadlineMs = 120_000,
): Promise<Found> {
  const deadline = performance.now() + deadlineMs;
  let last = '';
  while (performance.now() < deadline) {
    const found = await look().catch((error: unknown) => void (last = ` (${String(error)})`));
    if (found) return found;
    await delay(POLL_MS);
  }
  throw new Error(`not in ${deadlineMs} ms: ${what}${last}`);
}

/** Processes whose command line holds the text. */
export async function countProcessesNaming(text: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(text)).length;
}

export interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  /** All it printed so far. */
  text(): string;
  waitForText(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
}

interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
}

function run(program: string, args: readonly string[], { env = {}, cwd }: RunOptions): Running {
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    exited,
    text: () => text,
    waitForText: async (pattern, deadlineMs = START_MS) => {
      const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
      const found = await until(`${pattern}`, async () => pattern.exec(text) ?? (isGone() && 'gone'), deadlineMs);
      if (found === 'gone') throw new Error(`${pattern} never came, it ended: ${text}`);
      return found;
    },
  };
}

/** A real server and real agents, each its own process, on a database and state folders of their own. */
export class TestSystem {
  readonly folder: string;
  readonly #running = new Set<Running>();
  #server: Running | undefined;
  #url = '';

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(): Promise<TestSystem> {
    const system = new TestSystem(await mkdtemp(join(tmpdir(), 'tidemark-system-')));
    await copyMigratedDatabase(join(system.folder, 'data'));
    await system.startServer();
    return system;
  }

  get url(): string {
    return this.#url;
  }

  get client(): Client {
    return createClient({ url: this.#url });
  }

  /** The second time it listens on the port of the first. */
  async startServer(): Promise<void> {
    const port = this.#url === '' ? '0' : new URL(this.#url).port;
    this.#server = this.#track(
      run(process.execPath, [SERVER], {
        env: { HOST: '127.0.0.1', PORT: port, DATA_DIR: join(this.folder, 'data'), LOG_LEVEL: 'warn', LOG_FORMAT: 'json' },
      }),
    );
    const [, url = ''] = await this.#server.waitForText(/listens on (http:\S+)/);
    this.#url = url;
  }

  async killServer(): Promise<void> {
    this.#server?.child.kill('SIGKILL');
    await this.#server?.exited;
  }

  /** Resolves when it is registered. */
  async startAgent(name: string, args: readonly string[] = []): Promise<Running> {
    const agent = this.runAgent(name, args);
    await agent.waitForText(/"msg":"registered"/);
    return agent;
  }

  runAgent(name: string, args: readonly string[] = []): Running {
    const standard = [
      '--url',
      this.#url,
      '--name',
      name,
      '--state-dir',
      this.stateDir(name),
      '--handlers',
      HANDLERS,
      '--labels',
      `agent=${name}`,
    ];
    return this.runProgram(process.execPath, [AGENT, ...standard, ...args]);
  }

  /** Any program, ended with the system. */
  runProgram(program: string, args: readonly string[], { env = {}, ...rest }: RunOptions = {}): Running {
    return this.#track(run(program, args, { env: { LOG_FORMAT: 'json', ...env }, ...rest }));
  }

  stateDir(name: string): string {
    return join(this.folder, `state-${name}`);
  }

  #track(running: Running): Running {
    this.#running.add(running);
    return running;
  }

  async close(): Promise<void> {
    for (const { child } of this.#running) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    }
    await Promise.all([...this.#running].map(({ exited }) => exited));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
