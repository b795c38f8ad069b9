import { HEARTBEAT_MS, type Liveness } from './contract.ts';

/** Beats a worker may be silent and still be `online`, or `late`. */
export const ONLINE_BEATS = 2;
export const LATE_BEATS = 6;

/**
 * How alive a worker is, from the age of its last heartbeat by the database's clock; never stored.
 * A stopped worker stays stopped, a silent one is late or lost whatever it announced before.
 */
export function livenessOf(worker: { age_ms: number; draining: boolean; stopped_at: string | null }): Liveness {
  if (worker.stopped_at !== null) return 'stopped';
  if (worker.age_ms > LATE_BEATS * HEARTBEAT_MS) return 'lost';
  if (worker.age_ms > ONLINE_BEATS * HEARTBEAT_MS) return 'late';
  return worker.draining ? 'draining' : 'online';
}
