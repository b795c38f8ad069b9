import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { integerArgument } from '../arguments.ts';
import { EXIT } from '../exit-code.ts';
import { type LiveDemo, startLive } from '../demo/live.ts';
import { addDemoOptions, demoArgs, type DemoOptions } from '../demo/options.ts';
import { startTarget } from '../demo/target.ts';
import type { Cli, Session } from '../session.ts';
import { Child } from './child.ts';
import { listenAddress, type ListenAddress } from './listen-address.ts';
import { waitUntilReady } from './ready.ts';
import { addServerOptions, serverEnv, type ServerOptions } from './server-options.ts';
import { StopRequests } from './stop-requests.ts';
import { WorkerKeeper } from './worker-keeper.ts';

export interface UpOptions extends ServerOptions, DemoOptions {
  slots?: number;
  worker: boolean;
  demo?: boolean;
}

/** The worker gets time to finish or hand back what it runs, the server to answer what it was asked. */
const WORKER_GRACE_MS = 40_000;
const SERVER_GRACE_MS = 15_000;

export function addUp(program: Command, session: Session): void {
  addDemoOptions(addServerOptions(program.command('up').description('start the server and one worker; Ctrl-C stops both')))
    .option('--demo', 'with 30 days of demo data and live traffic, in an empty database')
    .option('--slots <number>', 'jobs the worker runs at once', integerArgument)
    .option('--no-worker', 'the server alone')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark up
  $ tidemark up --port 8080 --slots 8

Prints the address once the server is ready. A worker that dies is started again; when the server dies, the command
ends with an error. The first Ctrl-C lets running jobs finish for a while, the second hands them back at once.`,
    )
    .action(session.action<UpOptions>(up));
}

/** The server may reach what the demo serves, also where keys are required. */
function demoEnv(target: string | null): Record<string, string> {
  const allowed = process.env['EGRESS_ALLOW'];
  if (target === null) return {};
  return { EGRESS_ALLOW: allowed === undefined || allowed === '' ? '127.0.0.1/32' : `${allowed},127.0.0.1/32` };
}

/** Runs the server and its worker, with a demo where asked, until it is told to stop. */
export async function up(cli: Cli, call: { options: UpOptions }): Promise<number> {
  const { options } = call;
  const env = serverEnv(options);
  const address = await listenAddress({ ...process.env, ...env });
  // The worker keeps its way in when the first API key closes the open server.
  const workerKey = process.env['TIDEMARK_WORKER_KEY'] ?? randomBytes(32).toString('base64url');
  await using held = new AsyncDisposableStack();
  const target = options.demo === true ? held.use(await startTarget(options.demoPort)).url : null;
  const server = new Child('server', {
    args: target === null ? [] : demoArgs(options, target),
    env: { ...env, ...demoEnv(target), PORT: String(address.port), TIDEMARK_WORKER_KEY: workerKey },
    output: 'stderr',
  });
  const pair = new Pair(cli, server);
  using scope = new DisposableStack();
  scope.use(new StopRequests(() => pair.stop()));
  if (!(await pair.untilReady(address.url))) return await pair.end();
  if (options.worker) pair.startWorker(address, options, workerKey);
  if (target !== null) await pair.startDemo(address, workerKey);
  await announce(cli, { address, server, workerPid: pair.workerPid });
  return await pair.end();
}

async function announce(cli: Cli, started: { address: ListenAddress; server: Child; workerPid: number | null }): Promise<void> {
  const { address, server, workerPid } = started;
  if (cli.isJson) return cli.terminal.json({ url: address.url, server_pid: server.pid, worker_pid: workerPid });
  await cli.terminal.data(`Tidemark is ready at ${address.url}\n`);
}

/** A server and its worker, which end together: the worker first, since it hands its jobs back to the server. */
class Pair {
  readonly #cli: Cli;
  readonly #server: Child;
  #worker: WorkerKeeper | null = null;
  #demo: LiveDemo | null = null;
  #stopped: Promise<void> | null = null;

  constructor(cli: Cli, server: Child) {
    this.#cli = cli;
    this.#server = server;
  }

  get workerPid(): number | null {
    return this.#worker?.pid ?? null;
  }

  /** False when the server ended, or was asked to, before it was ready. */
  async untilReady(url: string): Promise<boolean> {
    const ended = new AbortController();
    void this.#server.ended.then(() => ended.abort());
    try {
      await waitUntilReady(url, ended.signal);
      return this.#stopped === null && this.#server.isRunning;
    } catch (error) {
      if (ended.signal.aborted) return false;
      throw error;
    }
  }

  startWorker(address: ListenAddress, options: UpOptions, key: string): void {
    this.#worker = new WorkerKeeper({
      args: ['--url', address.url, ...(options.slots === undefined ? [] : ['--slots', String(options.slots)])],
      env: { ...serverEnv(options), TIDEMARK_KEY: key },
      say: (text) => this.#cli.terminal.message(text),
    });
  }

  async startDemo(address: ListenAddress, workerKey: string): Promise<void> {
    const key = this.#cli.key ?? process.env['TIDEMARK_ADMIN_KEY'];
    this.#demo = await startLive({ url: address.url, key, workerKey });
  }

  /** A request to stop; repeated ones hurry. */
  stop(): void {
    if (this.#stopped === null) {
      this.#stopped = this.#stopBoth();
      return;
    }
    if (this.#worker === null) this.#server.signal('SIGTERM');
    else void this.#worker.stop(WORKER_GRACE_MS);
  }

  /** Waits for the end: 0 after a request to stop, the server's own failure otherwise. */
  async end(): Promise<number> {
    const { exitCode, text } = await this.#server.ended;
    if (this.#stopped !== null) {
      await this.#stopped;
      return EXIT.ok;
    }
    await this.#cli.terminal.message(`The server ended ${text}.`);
    await this.#demo?.stop();
    await this.#worker?.stop(WORKER_GRACE_MS);
    return exitCode === EXIT.ok ? EXIT.failed : exitCode;
  }

  async #stopBoth(): Promise<void> {
    await this.#cli.terminal.message(
      this.#worker === null ? 'Stopping.' : 'Stopping: the worker finishes or hands back its jobs. Press Ctrl-C again to hurry.',
    );
    await this.#demo?.stop();
    this.#demo = null;
    await this.#worker?.stop(WORKER_GRACE_MS);
    this.#worker = null;
    await this.#server.stop(SERVER_GRACE_MS);
  }
}
