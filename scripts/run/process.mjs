// Child processes that end with this one.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const PARENT_CHECK_MS = 500;
const KILL_GRACE_MS = 60_000;

/** Seconds with one decimal, for people. */
export function seconds(fromMs) {
  return `${((Date.now() - fromMs) / 1000).toFixed(1)} s`;
}

/**
 * Runs a command to its end and answers `{ code, output }`; `code` is 128 + n after a signal.
 * `show: true` hands it this terminal, otherwise the output is collected. `limit_ms` ends what hangs;
 * `niceness` lets others of higher priority go first.
 */
export function run(command, args, options = {}) {
  const { show = false, limit_ms, niceness, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'], ...rest });
    if (niceness !== undefined && child.pid !== undefined) setPriority(child.pid, niceness);
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    const settle = guard(child, limit_ms);
    child.once('error', (error) => {
      settle();
      reject(new Error(`Cannot run ${command}: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      settle();
      resolve({ code: code ?? signalCode(signal), output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** Passes signals on, and stops the child at the limit or when npm that started this process is gone (it dies without telling). */
function guard(child, limit_ms) {
  const startedBy = findStarter();
  let killTimer;
  const stop = (signal) => {
    // A terminal sends Ctrl-C to the whole group: passing it on would make it two.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    killTimer ??= setTimeout(() => child.kill('SIGKILL'), KILL_GRACE_MS).unref();
  };
  const handlers = SIGNALS.map((signal) => [signal, () => stop(signal)]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const limit = limit_ms === undefined ? undefined : setTimeout(() => stop('SIGTERM'), limit_ms).unref();
  const parentTimer = setInterval(() => {
    if (findStarter() === startedBy) return;
    clearInterval(parentTimer);
    stop('SIGTERM');
  }, PARENT_CHECK_MS).unref();
  return () => {
    clearInterval(parentTimer);
    clearTimeout(limit);
    clearTimeout(killTimer);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** Who started this process: npm, by way of a shell in between where that outlives it. Any other may go: what runs in the background stays. */
function findStarter() {
  if (process.env.npm_lifecycle_event === undefined) return null;
  const parent = String(process.ppid);
  try {
    const [, npm] = /\((?:sh|dash|bash)\) \S (\d+)/.exec(readFileSync(`/proc/${parent}/stat`, 'utf8')) ?? [];
    return npm === undefined ? parent : `${parent} of ${npm}`;
  } catch {
    return parent;
  }
}

function signalCode(signal) {
  return { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 }[signal] ?? 1;
}
