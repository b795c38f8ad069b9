import { constants } from 'node:os';
import type { Workload } from '@tidemark/core/workloads/contract';

/** What the command itself ends with; `--wait` hands on the workload's own code instead. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unavailable: 69,
  noPermission: 77,
  interrupted: 130,
  brokenPipe: 141,
} as const;

const SIGNAL_BASE = 128;
const MAX_EXIT_CODE = 255;

/** A shell's number for a death by signal: 128 + n; null for a name this system does not know. */
export function signalExitCode(signal: string): number | null {
  const name = signal.startsWith('SIG') ? signal : `SIG${signal}`;
  const number = Object.entries(constants.signals).find(([key]) => key === name)?.[1];
  return number === undefined ? null : SIGNAL_BASE + number;
}

/**
 * The exit code that stands for a finished workload: its own, 128 + n after a signal, 130 when it was cancelled, else 0 or 1.
 * A code outside 0–255 becomes 1, because the system would cut it to its low byte and 256 would read as success.
 */
export function workloadExitCode(workload: Pick<Workload, 'status' | 'exit_code' | 'signal'>): number {
  if (workload.status === 'cancelled') return EXIT.interrupted;
  if (workload.signal !== null) return signalExitCode(workload.signal) ?? EXIT.failed;
  const code = workload.exit_code;
  if (workload.status === 'completed') return code === null ? EXIT.ok : bounded(code);
  return code === null || code === 0 ? EXIT.failed : bounded(code);
}

function bounded(code: number): number {
  return code >= 0 && code <= MAX_EXIT_CODE ? code : EXIT.failed;
}
