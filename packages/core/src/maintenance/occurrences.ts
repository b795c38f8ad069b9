import type { Selectable } from 'kysely';
import type { MaintenanceTable } from '../db/index.ts';
import { nextCron } from '../schedules/index.ts';

export type MaintenanceRow = Selectable<MaintenanceTable>;

/** More than a minute-by-minute window of a month would need; a bound, not a limit anyone meets. */
const MAX_OCCURRENCES = 50_000;

/** The stretches of a maintenance that touch [from, to), in epoch milliseconds, oldest first. */
export function occurrences(row: MaintenanceRow, window: { from: number; to: number }): { from: number; to: number }[] {
  const starts = Date.parse(row.starts_at);
  const ends = row.ends_at === null ? Number.POSITIVE_INFINITY : Date.parse(row.ends_at);
  if (row.cron === null || row.duration_minutes === null)
    return starts < window.to && ends > window.from ? [{ from: starts, to: ends }] : [];
  const duration = row.duration_minutes * 60_000;
  const found: { from: number; to: number }[] = [];
  let at = nextCron({ cron: row.cron, timezone: row.timezone }, Math.max(starts, window.from - duration) - 1);
  while (at !== null && at < window.to && at < ends && found.length < MAX_OCCURRENCES) {
    if (at + duration > window.from) found.push({ from: at, to: at + duration });
    at = nextCron({ cron: row.cron, timezone: row.timezone }, at);
  }
  return found;
}

export function appliesTo(row: MaintenanceRow, monitor: { id: string; tags: readonly string[] }): boolean {
  return row.test_ids.includes(monitor.id) || row.tags.some((tag) => monitor.tags.includes(tag));
}

/** Whether planned work is under way at this time for this monitor. */
export function isInMaintenance(rows: readonly MaintenanceRow[], monitor: { id: string; tags: readonly string[] }, atMs: number): boolean {
  return rows.some((row) => appliesTo(row, monitor) && occurrences(row, { from: atMs, to: atMs + 1 }).length > 0);
}
