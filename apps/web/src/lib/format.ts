const integer = new Intl.NumberFormat('en');
const formats = new Map<string, Intl.DateTimeFormat>();

/** What is not known prints an em dash, never a zero. */
export const UNKNOWN = '—';

export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : integer.format(value);
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** In the largest unit of 1,000 that leaves at least 1. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const unit = BYTE_UNITS[step] ?? 'byte';
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'short', maximumSignificantDigits: 3 }).format(
    bytes / 1000 ** step,
  );
}

export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 412 ms · 3.2 s · 4 min 10 s · 2 h 05 min · 3 d 4 h. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Relative below 24 hours, either way: "3 min ago", "in 20 s". */
function formatAge(ms: number): string {
  const age = Math.abs(ms);
  if (age < 1500) return ms < 0 ? 'in 1 s' : 'just now';
  const seconds = Math.floor(age / 1000);
  let text = `${seconds} s`;
  if (seconds >= 3600) text = `${Math.floor(seconds / 3600)} h`;
  else if (seconds >= 60) text = `${Math.floor(seconds / 60)} min`;
  return ms < 0 ? `in ${text}` : `${text} ago`;
}

function dateFormat(timeZone: string, style: 'full' | 'clock' | 'day'): Intl.DateTimeFormat {
  const key = `${timeZone} ${style}`;
  let format = formats.get(key);
  if (format === undefined) {
    const day = { year: 'numeric', month: 'short', day: '2-digit' } as const;
    const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
    const parts = style === 'full' ? { ...day, ...clock } : style === 'clock' ? clock : day;
    format = new Intl.DateTimeFormat('en-GB', { timeZone, ...parts });
    formats.set(key, format);
  }
  return format;
}

export function formatDateTime(iso: string, timeZone: string): string {
  return dateFormat(timeZone, 'full').format(Date.parse(iso)).replace(',', '');
}

export function formatClock(ms: number, timeZone: string): string {
  return dateFormat(timeZone, 'clock').format(ms);
}

/** A day of the calendar, `2026-01-31`, as noon in UTC: far from where any day begins. */
function noonOf(day: string): number {
  return Date.parse(`${day}T12:00:00Z`);
}

const DAY_STYLES = {
  full: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
  weekday: { weekday: 'short' },
  range: { day: 'numeric', month: 'long', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** A day of the calendar in words: "Saturday 31 January 2026", "January 2026" or "Sat". */
export function formatDay(day: string, style: 'full' | 'month' | 'weekday'): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...DAY_STYLES[style] }).format(noonOf(day)).replace(',', '');
}

/** "26 January – 1 February 2026". */
export function formatDays(first: string, last: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...DAY_STYLES.range }).formatRange(noonOf(first), noonOf(last));
}

/** What a table shows: relative below a day, the date and time above. */
export function formatMoment(iso: string, now: number, timeZone: string): string {
  const ms = Date.parse(iso);
  const age = now - ms;
  return Math.abs(age) < 86_400_000 ? formatAge(age) : formatDateTime(iso, timeZone).slice(0, -3);
}

/** Rounded down, so that 100 % is said only of what never failed: three decimals from 99.9 on, two below, none below 90. */
export function formatPct(pct: number | null | undefined): string {
  if (pct === null || pct === undefined) return UNKNOWN;
  const digits = pct >= 100 || pct < 90 ? 0 : pct >= 99.9 ? 3 : 2;
  const scale = 10 ** digits;
  return `${(Math.floor(pct * scale + 1e-6) / scale).toFixed(digits)} %`;
}

/** Keeps both ends of an id, where its differences are. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 9)}…${id.slice(-6)}`;
}
