import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;
const PROBE_TIMEOUT_MS = 2000;

/** Resolves when the server at `url` says it is ready; rejects when `signal` aborts. */
export async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await isReady(url, signal)) return;
    await delay(POLL_MS, undefined, { signal });
  }
}

async function isReady(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
