const DAY = 1440;

/** Times in minutes after the start. */
export interface TimeVector {
  readonly id: string;
  readonly every_seconds: number;
  readonly alert?: object;
  readonly created_at?: number;
  readonly paused?: readonly [from: number, to: number][];
  readonly runs: () => [at: number, passed: boolean][];
  readonly figures: readonly { readonly from: number; readonly to: number; readonly pct: number | null; readonly down_minutes: number }[];
}

/** A run every `step` minutes of [from, to), failed where the test says so. */
function runsOf(from: number, to: number, of: { step: number; failed: (at: number) => boolean }): [number, boolean][] {
  return Array.from({ length: (to - from) / of.step }, (_, index) => from + index * of.step).map((at) => [at, !of.failed(at)]);
}

const between = (from: number, to: number) => (at: number) => at >= from && at < to;
const never = () => false;

/** **Source:** the vectors for shares of time; those of a day of one-minute runs here over the hour around what happens. */
export const TIME_VECTORS: readonly TimeVector[] = [
  { id: 'T1', every_seconds: 60, runs: () => [], figures: [{ from: 0, to: DAY, pct: null, down_minutes: 0 }] },
  {
    id: 'T2',
    every_seconds: 900,
    runs: () => runsOf(0, DAY, { step: 15, failed: between(735, 780) }),
    figures: [{ from: 0, to: DAY, pct: 96.875, down_minutes: 45 }],
  },
  {
    id: 'T3',
    every_seconds: 60,
    alert: { confirm_failures: 3 },
    runs: () => runsOf(690, 750, { step: 1, failed: between(720, 722) }),
    figures: [{ from: 690, to: 750, pct: 100, down_minutes: 0 }],
  },
  {
    id: 'T4',
    every_seconds: 60,
    alert: { confirm_failures: 3 },
    runs: () => runsOf(690, 750, { step: 1, failed: between(720, 724) }),
    figures: [{ from: 690, to: 750, pct: (56 / 60) * 100, down_minutes: 4 }],
  },
  {
    id: 'T6',
    every_seconds: 60,
    alert: { reopen_within_seconds: 0 },
    runs: () => runsOf(690, 750, { step: 1, failed: (at) => between(720, 730)(at) && at % 2 === 0 }),
    figures: [{ from: 690, to: 750, pct: (55 / 60) * 100, down_minutes: 5 }],
  },
  {
    id: 'T8',
    every_seconds: 900,
    paused: [[720, DAY]],
    runs: () => runsOf(0, 720, { step: 15, failed: between(300, 360) }),
    figures: [{ from: 0, to: DAY, pct: (11 / 12) * 100, down_minutes: 60 }],
  },
  {
    id: 'T10',
    every_seconds: 900,
    created_at: 1080,
    runs: () => [...runsOf(1080, DAY, { step: 15, failed: never }), [1439, false]],
    figures: [{ from: 0, to: DAY, pct: (359 / 360) * 100, down_minutes: 1 }],
  },
  {
    id: 'T11',
    every_seconds: 1800,
    runs: () => [...runsOf(0, 2 * DAY, { step: 30, failed: between(DAY, DAY + 20) }), [1430, false], [1460, true]],
    figures: [
      { from: 0, to: DAY, pct: (1430 / DAY) * 100, down_minutes: 10 },
      { from: DAY, to: 2 * DAY, pct: (1420 / DAY) * 100, down_minutes: 20 },
    ],
  },
  {
    id: 'T12',
    every_seconds: 600,
    runs: () => runsOf(0, 90, { step: 10, failed: (at) => at >= 40 }),
    figures: [{ from: 0, to: 60, pct: (40 / 60) * 100, down_minutes: 20 }],
  },
];
