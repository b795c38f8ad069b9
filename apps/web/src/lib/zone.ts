import { arrival, parseSearch } from './search.ts';
import { createStored } from './stored.ts';
import type { Stored } from './stored.ts';

/** `browser`, `UTC`, or a name of the IANA database. */
export type ZoneChoice = string;

const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function isZone(name: unknown): name is string {
  if (typeof name !== 'string') return false;
  if (name === 'browser') return true;
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The zone a shared address asks for: whoever opens it reads the times its sender read. */
export const zoneSearch = { tz: (name: string) => name !== 'browser' && isZone(name) };

const chosen = createStored<ZoneChoice>('zone', (raw) => (isZone(raw) ? raw : 'browser'));
const asked = parseSearch(arrival.search)['tz'];
let lent = asked !== undefined && zoneSearch.tz(asked) ? asked : undefined;

/** The zone of the address that was opened, until the reader chooses one; only that choice is kept. */
export const zone: Stored<ZoneChoice> = {
  ...chosen,
  get: () => lent ?? chosen.get(),
  set(value) {
    lent = undefined;
    chosen.set(value);
  },
};

export function resolveZone(choice: ZoneChoice): string {
  return choice === 'browser' ? browserZone : choice;
}

/** Every zone this browser knows, UTC first. */
export function listZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];
}

/** Minutes that local time in `timeZone` is ahead of UTC at `ms`. */
function offsetMinutes(ms: number, timeZone: string): number {
  const parts = Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(ms);
  const part = (type: string): number => Number(parts.find((entry) => entry.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return Math.round((local - Math.floor(ms / 1000) * 1000) / 60_000);
}

/** Turns `2026-01-31T12:00` as read in `timeZone` into a UTC timestamp; null when it is no time. */
export function wallTimeToIso(wall: string, timeZone: string): string | null {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  const guess = asUtc - offsetMinutes(asUtc, timeZone) * 60_000;
  // A second step settles times close to a change of the offset.
  return new Date(asUtc - offsetMinutes(guess, timeZone) * 60_000).toISOString();
}

/** The inverse: the value of a `datetime-local` field for a timestamp. */
export function isoToWallTime(iso: string, timeZone: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? '' : new Date(ms + offsetMinutes(ms, timeZone) * 60_000).toISOString().slice(0, 16);
}
