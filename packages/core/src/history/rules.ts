import type { HistoryEntry } from '../ports/index.ts';

const AHEAD_MS = 60_000;
const BEHIND_MS = 86_400_000;

/** keys_scanned / (duration_ms / 1000); null without both, and without a positive duration. **Source:** requirement 003. */
export function keysPerSecond(keysScanned: number | null, durationMs: number | null): number | null {
  return keysScanned === null || durationMs === null || durationMs <= 0 ? null : keysScanned / (durationMs / 1000);
}

/** Whether the interval a worker tells cannot be when it says: it ends ahead of the acceptance, or a day before it. */
export function isClockSuspect(entry: Pick<HistoryEntry, 'started_at' | 'duration_ms' | 'accepted_at'>): boolean {
  if (entry.started_at === null) return false;
  const behind = Date.parse(entry.accepted_at) - (Date.parse(entry.started_at) + (entry.duration_ms ?? 0));
  return behind < -AHEAD_MS || behind > BEHIND_MS;
}
