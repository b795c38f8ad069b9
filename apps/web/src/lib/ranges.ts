import { formatDateTime } from './format.ts';
import { isTimestamp } from './search-values.ts';
import type { Check } from './search-values.ts';
import { wallTimeToIso, zoneSearch } from './zone.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Sliding ranges that are offered; an address may name any other, such as `90m`. */
export const RANGES = [
  { value: '15m', label: 'Last 15 minutes' },
  { value: '1h', label: 'Last hour' },
  { value: '6h', label: 'Last 6 hours' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
] as const;

const SLIDING = /^([1-9]\d{0,3})([mhd])$/;
const UNITS = { m: { ms: MINUTE_MS, word: 'minute' }, h: { ms: HOUR_MS, word: 'hour' }, d: { ms: DAY_MS, word: 'day' } } as const;
const MAX_MS = 400 * DAY_MS;

function partsOf(range: string): { count: number; unit: (typeof UNITS)['m' | 'h' | 'd'] } | null {
  const [, digits, letter] = SLIDING.exec(range) ?? [];
  return digits === undefined || (letter !== 'm' && letter !== 'h' && letter !== 'd')
    ? null
    : { count: Number(digits), unit: UNITS[letter] };
}

/** Length of a sliding range in milliseconds; null when it is none, or one of more than 400 days. */
function rangeMs(range: string): number | null {
  const parts = partsOf(range);
  const ms = parts === null ? 0 : parts.count * parts.unit.ms;
  return ms > 0 && ms <= MAX_MS ? ms : null;
}

/** Start of a sliding range, on a whole minute so that it names the same question for a while. */
export function rangeStart(range: string, now: number): string | undefined {
  const ms = rangeMs(range);
  return ms === null ? undefined : new Date(Math.floor((now - ms) / MINUTE_MS) * MINUTE_MS).toISOString();
}

export function describeRange(range: string): string {
  const named = RANGES.find((entry) => entry.value === range);
  const parts = partsOf(range);
  if (named !== undefined || parts === null) return named?.label ?? range;
  return parts.count === 1 ? `Last ${parts.unit.word}` : `Last ${parts.count} ${parts.unit.word}s`;
}

/** What the address of a page with times may say: a sliding range, or a fixed one in UTC; and the zone to read it in. */
export const rangeSearch = {
  range: (value) => rangeMs(value) !== null,
  from: isTimestamp,
  to: isTimestamp,
  ...zoneSearch,
} satisfies Record<string, Check>;

export interface RangeSearch {
  range?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export function isFixed(search: RangeSearch): boolean {
  return search.range === undefined && (search.from !== undefined || search.to !== undefined);
}

/** Nothing inside it can change any more. */
export function hasEnded(search: RangeSearch, now: number): boolean {
  return search.range === undefined && search.to !== undefined && Date.parse(search.to) < now;
}

/** A stretch of time in milliseconds; a sliding one ends now. */
export interface Span {
  from: number;
  to: number;
  isSliding: boolean;
}

/** The stretch an address stands for; `fallback` is the sliding range of an address that says none. */
export function spanOf(search: RangeSearch, fallback: string, now: number): Span {
  const sliding = search.range ?? fallback;
  const length = rangeMs(sliding) ?? HOUR_MS;
  if (!isFixed(search)) return { from: Math.floor((now - length) / MINUTE_MS) * MINUTE_MS, to: now, isSliding: true };
  const to = search.to === undefined ? now : Date.parse(search.to);
  const from = search.from === undefined ? to - length : Date.parse(search.from);
  return from < to ? { from, to, isSliding: false } : { from: to - MINUTE_MS, to, isSliding: false };
}

export function describeSpan(search: RangeSearch, fallback: string, timeZone: string): string {
  if (!isFixed(search)) return describeRange(search.range ?? fallback);
  const text = (iso: string): string => formatDateTime(iso, timeZone).slice(0, -3);
  if (search.from === undefined) return search.to === undefined ? '' : `Until ${text(search.to)}`;
  return search.to === undefined ? `Since ${text(search.from)}` : `${text(search.from)} – ${text(search.to)}`;
}

function parseMoment(text: string, timeZone: string, now: number): string | null {
  if (text === 'now') return new Date(now).toISOString();
  const ago = text.startsWith('now-') ? rangeMs(text.slice(4)) : null;
  if (ago !== null) return new Date(now - ago).toISOString();
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return Number.isNaN(Date.parse(text)) ? null : new Date(text).toISOString();
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/.exec(text) ?? [];
  return day === undefined ? null : wallTimeToIso(`${day}T${clock ?? '00:00'}`, timeZone);
}

/** What a person types: `90m`, `now-24h`, `2026-01-31`, `2026-01-31 14:00 to 2026-01-31 15:00`, `now-3h to now-1h`. Null when it is none of these. */
export function parseRange(text: string, timeZone: string, now: number): RangeSearch | null {
  const [start = '', end, ...rest] = text.trim().split(/\s+(?:to|until)\s+|\s*\.\.\s*/);
  if (rest.length > 0) return null;
  const sliding = start.replace(/^now-/, '');
  if ((end === undefined || end === 'now') && rangeMs(sliding) !== null) return { range: sliding };
  const from = parseMoment(start, timeZone, now);
  if (from === null) return null;
  if (end === undefined) {
    const isDay = /^\d{4}-\d\d-\d\d$/.test(start);
    return isDay
      ? { from, to: new Date(Math.min(Date.parse(from) + DAY_MS, Math.max(now, Date.parse(from) + MINUTE_MS))).toISOString() }
      : { from };
  }
  const to = parseMoment(end, timeZone, now);
  return to === null || to <= from ? null : { from, to };
}
