import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Context } from 'isolated-vm';

/**
 * The disposable process around one script. It reads one request line on stdin, runs the script in a V8 isolate, and writes
 * one JSON message per line to stdout. Its supervisor starts it without environment, under Node's permission model, inside
 * the sandbox where there is one, and kills it for any limit this process cannot hold itself.
 */
interface Request {
  source: string;
  input: string;
  memory_mb: number;
}

export type HostMessage =
  | { type: 'ready'; proof: HostProof }
  | { type: 'log'; stream: 'stdout' | 'stderr'; text: string }
  | { type: 'output'; text: string }
  | { type: 'done'; has_output: boolean }
  | { type: 'failed'; error: string; reason: 'syntax' | 'thrown' | 'memory' | 'result' };

/** What this very process tried and was refused. */
export interface HostProof {
  read: string;
  write: string;
  spawn: string;
  thread: string;
  environment: string[];
}

const STDOUT = 1;
const MAX_TIMERS = 1000;
const PIECE_CHARS = 65_536;
const WATCH_MS = 50;
// What the process itself may need beyond the isolate: compiled code, the collector's spare pages, text on its way out.
const HEADROOM_MB = 128;
const MAX_TIMER_MS = 2_147_483_647;

// Runs inside the isolate: the only ways out are the four host functions it gets as arguments.
const PRELUDE = `
  const [log, startTimer, stopTimer] = [$0, $1, $2];
  delete globalThis.WebAssembly;
  delete globalThis.SharedArrayBuffer;
  delete globalThis.Atomics;
  const show = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return value.stack ?? String(value);
    try { return JSON.stringify(value) ?? String(value); } catch { return String(value); }
  };
  const print = (stream) => (...values) => { log(stream, values.map(show).join(' ') + '\\n'); };
  const out = print('stdout');
  const err = print('stderr');
  globalThis.console = Object.freeze({ log: out, info: out, debug: out, warn: err, error: err, trace: err });
  const timers = new Map();
  let nextTimer = 1;
  globalThis.setTimeout = (run, ms = 0, ...args) => {
    if (typeof run !== 'function') throw new TypeError('setTimeout needs a function');
    const id = nextTimer++;
    startTimer(id, Number(ms) || 0);
    timers.set(id, () => run(...args));
    return id;
  };
  globalThis.clearTimeout = (id) => { if (timers.delete(id)) stopTimer(id); };
  return (id) => { const run = timers.get(id); timers.delete(id); run?.(); };
`;

function send(message: HostMessage): void {
  // Written at once and not through a stream: a script that prints without end waits for its reader and cannot fill this
  // process, and nothing is lost when it exits.
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length;) at += writeSync(STDOUT, line, at);
}

/** Sends long text in pieces, so that no reader ever has to hold a line of any length. */
function sendPieces(text: string, wrapPiece: (piece: string) => HostMessage): void {
  for (let at = 0; at < text.length; at += PIECE_CHARS) send(wrapPiece(text.slice(at, at + PIECE_CHARS)));
}

/** Memory outside the isolate's heap (buffers, code) is not under its limit: the process watches all it uses. */
function watchMemory(limitMb: number): void {
  const limitBytes = process.memoryUsage.rss() + (limitMb + HEADROOM_MB) * 1_048_576;
  setInterval(() => {
    if (process.memoryUsage.rss() <= limitBytes) return;
    send({ type: 'failed', error: 'the process grew beyond its limit', reason: 'memory' });
    process.exit(0);
  }, WATCH_MS).unref();
}

async function readRequest(): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Request;
}

async function refusalOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return 'allowed';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function proveRefusals(): Promise<HostProof> {
  const [fs, childProcess, threads] = await Promise.all([import('node:fs'), import('node:child_process'), import('node:worker_threads')]);
  return {
    read: await refusalOf(() => fs.readFileSync('/etc/passwd')),
    write: await refusalOf(() => fs.writeFileSync('/tmp/tidemark-proof', '')),
    spawn: await refusalOf(() => childProcess.spawnSync('true')),
    thread: await refusalOf(() => new threads.Worker('0', { eval: true })),
    environment: Object.keys(process.env),
  };
}

function describeFailure(error: unknown, isDisposed: boolean): HostMessage {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const text = stack
    .split('\n')
    .filter((line) => !line.includes('<isolated-vm boundary>') && !line.includes('file://'))
    .join('\n');
  if (isDisposed || text.includes('Array buffer allocation failed')) return { type: 'failed', error: text, reason: 'memory' };
  return { type: 'failed', error: text, reason: text.includes('the returned value is not JSON') ? 'result' : 'thrown' };
}

async function runScript(request: Request, ivm: typeof import('isolated-vm')): Promise<HostMessage> {
  const isolate = new ivm.Isolate({ memoryLimit: request.memory_mb, onCatastrophicError: () => process.abort() });
  const context = await isolate.createContext();
  const timers = new Map<number, NodeJS.Timeout>();
  const startTimer = (id: number, ms: number): void => {
    if (timers.size >= MAX_TIMERS) throw new RangeError(`more than ${MAX_TIMERS} timers`);
    timers.set(
      id,
      setTimeout(() => void fire(id), Math.min(Math.max(0, ms), MAX_TIMER_MS)),
    );
  };
  const stopTimer = (id: number): void => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  const log = (stream: 'stdout' | 'stderr', text: string): void => sendPieces(text, (piece) => ({ type: 'log', stream, text: piece }));
  const fire = async (id: number): Promise<void> => {
    timers.delete(id);
    await runTimer([id]).catch((error: unknown) => {
      // As in any program: what a timer throws with nobody to catch it ends the script.
      send(describeFailure(error, isolate.isDisposed));
      process.exit(0);
    });
  };
  const callbacks = [new ivm.Callback(log), new ivm.Callback(startTimer), new ivm.Callback(stopTimer)];
  const onTimer = await context.evalClosure(PRELUDE, callbacks, { result: { reference: true } });
  const runTimer: (args: [number]) => Promise<unknown> = (args) => onTimer.apply(null, args);
  const problem = await findSyntaxProblem(context, request.source);
  if (problem !== null) return { type: 'failed', error: problem, reason: 'syntax' };
  await context.global.set('__input', request.input);
  try {
    const output: unknown = await context.eval(wrap(request.source), { promise: true, copy: true, filename: 'script.js', lineOffset: -1 });
    if (typeof output === 'string') sendPieces(output, (text) => ({ type: 'output', text }));
    return { type: 'done', has_output: typeof output === 'string' };
  } catch (error) {
    return describeFailure(error, isolate.isDisposed);
  }
}

/** A body that closes its own function and opens another one is a syntax error, not a trick that works. */
async function findSyntaxProblem(context: Context, source: string): Promise<string | null> {
  try {
    await context.evalClosure(`Object.getPrototypeOf(async () => {}).constructor('input', $0);`, [source]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The source stays alone on its lines, so that errors name the lines its author sees. */
function wrap(source: string): string {
  return `(() => { const text = globalThis.__input; delete globalThis.__input; const run = async (input) => {
${source}
}; return run(JSON.parse(text)).then((value) => {
  try { return JSON.stringify(value); } catch (error) { throw new TypeError('the returned value is not JSON: ' + error.message); }
}); })()`;
}

async function main(entry: string, isProof: boolean): Promise<void> {
  const ivm = createRequire(entry)(entry) as typeof import('isolated-vm');
  if (isProof) send({ type: 'ready', proof: await proveRefusals() });
  const request = await readRequest();
  watchMemory(request.memory_mb);
  send(await runScript(request, ivm));
  process.exit(0);
}

const [entry, mode] = process.argv.slice(2);
if (entry !== undefined) await main(entry, mode === 'prove');
