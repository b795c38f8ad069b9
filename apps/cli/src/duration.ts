const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/y;
const SECOND = UNIT_MS.s;
const MINUTE = UNIT_MS.m;
const HOUR = UNIT_MS.h;
const DAY = UNIT_MS.d;

/** Whole milliseconds of `500ms`, `30s`, `1.5h`, `1h30m`; null when it is not a duration. A number without a unit is not one. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < trimmed.length) {
    const match = PART.exec(trimmed);
    if (match === null) return null;
    total += Number(match[1]) * UNIT_MS[match[2] as Unit];
  }
  const rounded = Math.round(total);
  return Number.isSafeInteger(rounded) ? rounded : null;
}

/** Short and readable: `820ms`, `3.2s`, `4m05s`, `2h13m`, `3d4h`. Cut, never rounded up to the next unit. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.trunc(ms))}ms`;
  if (ms < MINUTE) return `${(Math.trunc(ms / 100) / 10).toFixed(1)}s`;
  if (ms < HOUR) return `${Math.trunc(ms / MINUTE)}m${twoDigits((ms % HOUR) % MINUTE, SECOND)}s`;
  if (ms < DAY) return `${Math.trunc(ms / HOUR)}h${twoDigits(ms % HOUR, MINUTE)}m`;
  return `${Math.trunc(ms / DAY)}d${Math.trunc((ms % DAY) / HOUR)}h`;
}

/** How long ago in one unit: `now`, `42s`, `7m`, `3h`, `12d`. A moment ahead of this machine's clock is `now`. */
export function formatAge(ms: number): string {
  if (ms < SECOND) return 'now';
  if (ms < MINUTE) return `${Math.trunc(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.trunc(ms / MINUTE)}m`;
  if (ms < DAY) return `${Math.trunc(ms / HOUR)}h`;
  return `${Math.trunc(ms / DAY)}d`;
}

function twoDigits(ms: number, unit: number): string {
  return String(Math.trunc(ms / unit)).padStart(2, '0');
}
