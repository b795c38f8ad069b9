// Preloaded into the processes the command starts: when the command itself is killed without a chance to say goodbye,
// they end as if asked to, instead of living on unseen.
import { isMainThread } from 'node:worker_threads';
import { PARENT_VARIABLE } from './parent-variable.ts';

const CHECK_MS = 500;

const parent = Number(process.env[PARENT_VARIABLE]);
// Removed at once: it is true of this process only, not of anything this process starts.
Reflect.deleteProperty(process.env, PARENT_VARIABLE);

if (isMainThread && Number.isInteger(parent) && parent > 0) {
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, CHECK_MS);
  timer.unref();
}
