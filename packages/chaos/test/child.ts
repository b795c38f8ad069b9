import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { COMPILE_CACHE, waitUntil } from '@tidemark/core/testing';

const START_MS = 180_000;

/** A process of ours that can be killed, frozen and started again with the same arguments. */
export class Child {
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #ready: () => Promise<void>;
  #child: ChildProcess | null = null;
  #text = '';
  #startedAt = 0;

  /** `ready` throws until the process can be used. */
  constructor(options: { args: readonly string[]; env: Readonly<Record<string, string>>; ready: () => Promise<void> }) {
    this.#args = options.args;
    this.#env = options.env;
    this.#ready = options.ready;
  }

  /** The end of what it printed. */
  get text(): string {
    return this.#text;
  }

  /** When it was last started, in epoch milliseconds. */
  get startedAt(): number {
    return this.#startedAt;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    this.#startedAt = Date.now();
    const child = spawn(process.execPath, this.#args, {
      env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...COMPILE_CACHE, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.#text = (this.#text + chunk).slice(-20_000);
      });
    }
    const killChild = (): void => void child.kill('SIGKILL');
    process.once('exit', killChild);
    child.once('exit', () => process.off('exit', killChild));
    await waitUntil(async () => {
      if (child.exitCode === null && child.signalCode === null) await this.#ready();
    }, START_MS);
    if (child.exitCode !== null) throw new Error(`a process ended while starting:\n${this.#text}`);
  }

  /** Ends it at once, as a crash would; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }
}
