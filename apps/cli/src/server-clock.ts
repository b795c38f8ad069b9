const PROBE_TIMEOUT_MS = 5000;
/** The `Date` header has whole seconds; on average half of one has passed. */
const HALF_SECOND_MS = 500;

export interface ServerClock {
  /** What the server's clock said in its answer, cut to the second. */
  now_ms: number;
  /** How far the server's clock is ahead of this machine's; right to about a second. */
  ahead_ms: number;
}

/** Reads the server's clock from the headers of a health check; null when it does not say. */
export async function readServerClock(url: string): Promise<ServerClock | null> {
  const before = Date.now();
  const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  await answer.arrayBuffer();
  const middle = (before + Date.now()) / 2;
  const now = Date.parse(answer.headers.get('date') ?? '');
  return Number.isNaN(now) ? null : { now_ms: now, ahead_ms: Math.round(now + HALF_SECOND_MS - middle) };
}
