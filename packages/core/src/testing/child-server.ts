import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A user and group to run as; undefined leaves them as they are. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly identity?: Identity | undefined;
  readonly cwd?: string;
}

const CACHE = process.env['NODE_COMPILE_CACHE'];
/** For the environment of a Node process that gets no other: where this run keeps what Node compiled, if it has such a place. */
export const COMPILE_CACHE: Readonly<Record<string, string>> = CACHE === undefined ? {} : { NODE_COMPILE_CACHE: CACHE };
const POLL_MS = 25;

/** A port nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Whom servers that refuse to be root run as: `postgres` where that user exists. Undefined when this process is not root. */
export function unprivilegedIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) };
}

function start(command: ChildCommand): { child: ChildProcess; output: () => string } {
  const child = spawn(command.program, [...command.args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    ...command.identity,
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-8000);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  child.on('error', (error) => {
    output += error.message;
  });
  return { child, output: () => output };
}

/** Runs a program to its end. @throws with its output when it fails. */
export async function runToEnd(command: ChildCommand): Promise<void> {
  const { child, output } = start(command);
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command.program} failed:\n${output()}`);
}

/** Tries `check` until it returns without throwing. @throws its last error after `timeoutMs`. */
export async function waitUntil(check: () => Promise<void> | void, timeoutMs = 120_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(POLL_MS);
  }
}

/** A server process that can be stopped, killed and started again on the same data. */
export class ChildServer {
  readonly #command: ChildCommand;
  readonly #check: () => Promise<void>;
  #child: ChildProcess | null = null;

  /** `check` resolves once the server answers. */
  constructor(command: ChildCommand, check: () => Promise<void>) {
    this.#command = command;
    this.#check = check;
  }

  async start(): Promise<void> {
    const { child, output } = start(this.#command);
    this.#child = child;
    // A run that is cut short must not leave servers behind.
    const killChild = (): void => void child.kill('SIGKILL');
    process.once('exit', killChild);
    child.once('exit', () => process.off('exit', killChild));
    let hasEnded = false;
    child.once('close', () => {
      hasEnded = true;
    });
    await waitUntil(async () => {
      if (!hasEnded) await this.#check();
    });
    if (hasEnded) throw new Error(`${this.#command.program} ended while starting:\n${output()}`);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
