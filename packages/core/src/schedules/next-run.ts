import { Cron } from 'croner';
import { invalid } from '../errors.ts';
import { CRON_MODE } from './contract.ts';

/** When something repeats: every so many seconds, or by a cron expression in a time zone. */
export interface Schedule {
  readonly interval_seconds: number | null;
  readonly cron: string | null;
  readonly timezone: string;
}

function parse(cron: string, timezone: string): Cron {
  return new Cron(cron, { timezone, mode: CRON_MODE, paused: true });
}

/**
 * The next time after `afterMs` at which a cron expression is due in its zone, or null when it never is again. Wall-clock times
 * that a change to summer time skips are due at the first moment after it; those it repeats are due once.
 */
export function nextCron(schedule: { cron: string; timezone: string }, afterMs: number): number | null {
  return parse(schedule.cron, schedule.timezone).nextRun(new Date(afterMs))?.getTime() ?? null;
}

/** @throws {AppError} VALIDATION naming `cron` when it is none, or can never be due. */
export function requireCron(cron: string, timezone: string, nowMs: number): void {
  let next: number | null;
  try {
    next = nextCron({ cron, timezone }, nowMs);
  } catch {
    throw invalid('cron', 'must be a cron expression of five or six fields, such as "*/5 * * * *"');
  }
  if (next === null) throw invalid('cron', 'is never due');
}

/**
 * When a monitor is due next, after it was due at `dueMs` and now is `nowMs`. Times that passed meanwhile are not made up for:
 * after an outage there is one run, not many. An interval keeps its phase. Null when it is never due again.
 */
export function nextRun(schedule: Schedule, dueMs: number, nowMs: number): number | null {
  if (schedule.cron !== null) return nextCron({ cron: schedule.cron, timezone: schedule.timezone }, Math.max(dueMs, nowMs));
  const interval = (schedule.interval_seconds ?? 0) * 1000;
  if (interval === 0) return null;
  const missed = Math.max(0, Math.floor((nowMs - dueMs) / interval));
  return dueMs + (missed + 1) * interval;
}

/** Milliseconds between two runs; for cron the longest of the next few gaps. */
export function intervalMs(schedule: Schedule, nowMs: number): number {
  if (schedule.cron === null) return (schedule.interval_seconds ?? 0) * 1000;
  let longest = 60_000;
  let at: number | null = nowMs;
  for (let index = 0; index < 5 && at !== null; index += 1) {
    const next: number | null = nextCron({ cron: schedule.cron, timezone: schedule.timezone }, at);
    if (next !== null && index > 0) longest = Math.max(longest, next - at);
    at = next;
  }
  return longest;
}

/** A share of the interval by which monitors of the same age are spread: the same for one id, even over many. */
export function phaseOf(id: string): number {
  let hash = 2_166_136_261;
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return hash / 2 ** 32;
}
