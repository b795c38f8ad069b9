import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyMigratedDatabase } from '@tidemark/core/testing';

export const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** How long a condition may take to come true before the test fails. */
const DEADLINE_MS = 120_000;

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Options {
  env?: Record<string, string>;
  input?: string;
}

/** A running command whose output can be waited for. Disposing it kills what is left. */
export class Command implements AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams;
  readonly result: Promise<Result>;
  stdout = '';
  stderr = '';
  readonly #changed = new EventTarget();

  constructor(args: readonly string[], options: Options = {}) {
    this.process = spawn(process.execPath, [MAIN, ...args], { env: { ...cleanEnv(), ...options.env } });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#changed.dispatchEvent(new Event('change'));
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#changed.dispatchEvent(new Event('change'));
    });
    this.process.stdin.on('error', () => undefined).end(options.input ?? '');
    this.result = this.#end();
  }

  /** Resolves once the condition holds for what was written so far. */
  async until(holds: (command: this) => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (!holds(this)) {
      const isOver = await Promise.race([
        once(this.#changed, 'change', { signal: deadline }).then(() => false),
        this.result.then(() => true),
      ]).catch(() => true);
      if (isOver && !holds(this)) throw new Error(`the awaited output did not come.\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
    await this.result;
  }

  async #end(): Promise<Result> {
    const [code, signal] = (await once(this.process, 'close')) as [number | null, NodeJS.Signals | null];
    return { code, signal, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs a command to its end. */
export function run(args: readonly string[], options: Options = {}): Promise<Result> {
  return new Command(args, options).result;
}

interface Started {
  url: string;
  server_pid: number;
  worker_pid: number | null;
}

/** A server, with a worker unless told otherwise, as `tidemark up` starts them; all of it is gone after disposal. */
export class Stack implements AsyncDisposable {
  readonly command: Command;
  readonly folder: string;
  readonly url: string;
  readonly serverPid: number;
  readonly workerPid: number | null;

  private constructor(command: Command, folder: string, started: Started) {
    this.command = command;
    this.folder = folder;
    this.url = started.url;
    this.serverPid = started.server_pid;
    this.workerPid = started.worker_pid;
  }

  static async start(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-stack-'));
    await copyMigratedDatabase(join(folder, 'data'));
    const command = new Command(['up', '--json', '--port', '0', '--data-dir', join(folder, 'data'), ...args], {
      env: { ...env, XDG_STATE_HOME: folder },
    });
    await command.until(({ stdout }) => stdout.includes('\n'));
    return new Stack(command, folder, JSON.parse(command.stdout) as Started);
  }

  /** Runs a command against this server. */
  run(args: readonly string[], options: Options = {}): Promise<Result> {
    return run([...args.slice(0, 1), '--url', this.url, ...args.slice(1)], options);
  }

  open(args: readonly string[], options: Options = {}): Command {
    return new Command([...args.slice(0, 1), '--url', this.url, ...args.slice(1)], options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.command.process.exitCode === null) {
      this.command.process.kill('SIGTERM');
      this.command.process.kill('SIGTERM');
    }
    await this.command.result;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when the condition holds; for what no event tells. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function cleanEnv(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:TIDEMARK_|HOST$|PORT$|DATA_DIR$|DATABASE_URL$|REDIS_URL$|NO_COLOR$|FORCE_COLOR$|NODE_OPTIONS$)/.test(name),
  );
  return Object.fromEntries(kept.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
