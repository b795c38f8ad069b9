import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { signalExitCode, EXIT } from '../exit-code.ts';
import { PARENT_VARIABLE } from './parent-variable.ts';

const MAIN = {
  server: new URL('../../../server/src/main.ts', import.meta.url),
  worker: new URL('../../../worker/src/main.ts', import.meta.url),
} as const;
const PRELOAD = new URL('./stop-with-parent.ts', import.meta.url);

export type AppName = keyof typeof MAIN;

export interface ChildOptions {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Where its standard output goes: to ours, or to our stderr where ours carries data of our own. */
  output: 'stdout' | 'stderr';
}

/** How a child ended: an exit code as a shell would tell it. */
export interface ChildEnd {
  exitCode: number;
  text: string;
}

/**
 * The server or a worker as a process of its own. It leads its own process group, so that a Ctrl-C in the terminal reaches it
 * through us once, and not twice.
 */
export class Child {
  readonly #process: ChildProcess;
  readonly ended: Promise<ChildEnd>;
  isRunning = true;

  constructor(name: AppName, options: ChildOptions) {
    this.#process = spawn(process.execPath, ['--import', PRELOAD.href, fileURLToPath(MAIN[name]), ...(options.args ?? [])], {
      stdio: ['ignore', options.output === 'stdout' ? 'inherit' : 2, 'inherit'],
      env: { ...process.env, ...options.env, [PARENT_VARIABLE]: String(process.pid) },
      detached: true,
    });
    this.ended = this.#watch();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Asks it to end and waits; after `graceMs` it is killed. */
  async stop(graceMs: number): Promise<ChildEnd> {
    if (!this.isRunning) return this.ended;
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async #watch(): Promise<ChildEnd> {
    try {
      const [code, signal] = (await once(this.#process, 'exit')) as [number | null, NodeJS.Signals | null];
      return signal === null
        ? { exitCode: code ?? EXIT.failed, text: `with exit code ${code ?? EXIT.failed}` }
        : { exitCode: signalExitCode(signal) ?? EXIT.failed, text: `by ${signal}` };
    } catch (error) {
      return { exitCode: EXIT.failed, text: error instanceof Error ? `(${error.message})` : 'unexpectedly' };
    } finally {
      this.isRunning = false;
    }
  }
}
