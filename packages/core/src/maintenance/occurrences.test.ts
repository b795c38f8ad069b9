import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextCron, nextRun } from '../schedules/index.ts';
import { isInMaintenance, occurrences, type MaintenanceRow } from './occurrences.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Zones with a change both ways in 2026, by an hour or by half of one, and zones without. */
const CHANGES: readonly [zone: string, around: string][] = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Asia/Kolkata', '2026-03-29T01:00:00Z'],
  ['UTC', '2026-10-25T01:00:00Z'],
];

interface Wall {
  readonly day: string;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const made = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', ...digits });
  formats.set(timeZone, made);
  return made;
}

function wallOf(ms: number, timeZone: string): Wall {
  const parts = formatOf(timeZone).formatToParts(ms);
  const part = (type: string): string => parts.find((entry) => entry.type === type)?.value ?? '';
  return { day: `${part('year')}-${part('month')}-${part('day')}`, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}

/** Whether the clock on the wall ever shows this minute on this day. */
function exists({ day, minute }: Wall, timeZone: string): boolean {
  const noon = Date.parse(`${day}T12:00:00Z`);
  for (let at = noon - 1.5 * DAY; at < noon + 1.5 * DAY; at += 15 * 60_000) {
    const wall = wallOf(at, timeZone);
    if (wall.day === day && wall.minute === minute) return true;
  }
  return false;
}

function daily(zone: string, minute: number, durationMinutes: number): MaintenanceRow {
  return {
    id: 'mnt_1',
    name: 'nightly',
    test_ids: ['tst_1'],
    tags: [],
    starts_at: '2026-01-01T00:00:00.000Z',
    ends_at: null,
    cron: `${minute % 60} ${Math.floor(minute / 60)} * * *`,
    timezone: zone,
    duration_minutes: durationMinutes,
    created_at: '2026-01-01T00:00:00.000Z',
  };
}

const change = fc.constantFrom(...CHANGES);
/** Quarters of an hour, most of them where clocks change. */
const quarter = fc.oneof(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 0, max: 15 })).map((index) => index * 15);

describe('recurring maintenance across changes of summer time', () => {
  it('begins once on every day of the calendar, at its time on the wall or at the first moment after it', () => {
    fc.assert(
      fc.property(change, quarter, fc.integer({ min: 1, max: 300 }), ([zone, around], minute, duration) => {
        const middle = Date.parse(around);
        const found = occurrences(daily(zone, minute, duration), { from: middle - 4 * DAY, to: middle + 4 * DAY });
        const walls = found.map(({ from }) => wallOf(from, zone));
        expect(new Set(walls.map((wall) => wall.day)).size).toBe(found.length);
        expect(found.length).toBeGreaterThanOrEqual(7);
        for (const [index, wall] of walls.entries()) {
          if (exists({ day: wall.day, minute }, zone)) expect(wall.minute).toBe(minute);
          else expect(wall.minute).toBeGreaterThan(minute);
          const gap = (found[index]?.from ?? 0) - (found[index - 1]?.from ?? (found[index]?.from ?? 0) - DAY);
          expect(Math.abs(gap - DAY)).toBeLessThanOrEqual(HOUR);
        }
        for (const { from, to } of found) expect(to - from).toBe(duration * 60_000);
      }),
      { numRuns: 40 },
    );
  });

  it('covers exactly the moments between its begin and its end', () => {
    fc.assert(
      fc.property(change, quarter, fc.integer({ min: -4 * DAY, max: 4 * DAY }), ([zone, around], minute, offset) => {
        const row = daily(zone, minute, 90);
        const at = Date.parse(around) + offset;
        const near = occurrences(row, { from: at - 2 * DAY, to: at + 2 * DAY });
        const isCovered = near.some(({ from, to }) => from <= at && at < to);
        expect(isInMaintenance([row], { id: 'tst_1', tags: [] }, at)).toBe(isCovered);
        expect(isInMaintenance([row], { id: 'tst_2', tags: [] }, at)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a cron across changes of summer time', () => {
  it('only ever moves on, and is the same whether asked in one step or in many', () => {
    fc.assert(
      fc.property(change, fc.constantFrom('*/15 * * * *', '30 2 * * *', '0 3 * * 0', '0 0 1 * *'), ([zone, around], cron) => {
        const schedule = { interval_seconds: null, cron, timezone: zone };
        const begin = Date.parse(around) - 2 * DAY;
        let at = begin;
        for (let step = 0; step < 20; step += 1) {
          const next = nextCron({ cron, timezone: zone }, at) ?? Number.NaN;
          expect(next).toBeGreaterThan(at);
          // However late the last one ran, the next due time is the same.
          expect(nextRun(schedule, at, at + Math.floor((next - at) / 2))).toBe(next);
          at = next;
        }
      }),
      { numRuns: 40 },
    );
  });
});
