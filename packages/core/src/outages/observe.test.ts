import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uptimePct } from '../uptime/index.ts';
import { timeWeighted } from '../uptime/time-weighted.ts';
import type { Observation } from './observe.ts';
import { staleMs, timelineOf, type TimelinePolicy } from './timeline.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T0 = Date.parse('2026-02-14T00:00:00.000Z');
const at = (clock: string): number => Date.parse(`2026-02-14T${clock}:00.000Z`);

/** Runs at a fixed pace over [from, to); those whose time is listed fail. */
function runsEvery(interval: number, window: { from: number; to: number }, failing: (at: number) => boolean): Observation[] {
  const runs: Observation[] = [];
  for (let time = window.from; time < window.to; time += interval)
    runs.push({ run_id: `run_${time}`, at: time, passed: !failing(time), error: null });
  return runs;
}

function policy(interval: number, given: Partial<TimelinePolicy> = {}): TimelinePolicy {
  return { confirm_failures: 1, confirm_of: null, recover_passes: 1, stale_ms: staleMs(interval, 30_000), ...given };
}

const NONE = { paused: [], maintenance: [], excluded: [] };
interface Asked {
  runs: readonly Observation[];
  policy: TimelinePolicy;
  overlays?: Parameters<typeof timeWeighted>[1];
  from?: number;
  to?: number;
  created_at?: number;
}
function weigh(asked: Asked) {
  const { segments, state } = timelineOf(asked.runs, asked.policy);
  const window = {
    from: asked.from ?? T0,
    to: asked.to ?? T0 + DAY,
    created_at: asked.created_at ?? 0,
    known_until: (state.last_at ?? 0) + asked.policy.stale_ms,
  };
  return timeWeighted(segments, asked.overlays ?? NONE, window);
}

const day = { from: T0, to: T0 + DAY };
const between = (from: number, to: number) => (time: number) => time >= from && time < to;

describe('the run ratio', () => {
  it.each([
    [0, 0, 100],
    [0, 1, 0],
    [29, 100, 29],
    [23, 24, 95.8],
    [1439, 1440, 99.9],
    [9_999_999, 10_000_000, 99.9],
    [7, 10, 70],
    [100, 102, 98],
    [1440, 1440, 100],
  ])('of %i of %i is %f', (passed, total, expected) => {
    expect(uptimePct(passed, total)).toBe(expected);
  });

  it('lies between 0 and 100 and is 100 only when nothing failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000_000 }), fc.float({ min: 0, max: 1, noNaN: true }), (total, share) => {
        const passed = Math.floor(total * share);
        const pct = uptimePct(passed, total);
        expect(pct).toBeGreaterThanOrEqual(0);
        expect(pct === 100).toBe(passed === total);
        expect(pct).toBeLessThanOrEqual((passed * 100) / total + 1e-9);
      }),
    );
  });
});

describe('time-weighted uptime', () => {
  it('T1: is nothing without runs', () => {
    expect(weigh({ runs: [], policy: policy(MINUTE) })).toMatchObject({ uptime_pct: null, eligible_ms: 0, unknown_ms: DAY });
  });

  it('T2: holds each observation until the next', () => {
    const runs = runsEvery(15 * MINUTE, day, between(at('12:15'), at('13:00')));
    const result = weigh({ runs, policy: policy(15 * MINUTE) });
    expect(result.down_ms).toBe(45 * MINUTE);
    expect(result.uptime_pct).toBeCloseTo(96.875, 9);
  });

  it('T3: counts nothing down before as many failures as it takes', () => {
    const runs = runsEvery(MINUTE, day, between(at('12:00'), at('12:02')));
    expect(weigh({ runs, policy: policy(MINUTE, { confirm_failures: 3 }) })).toMatchObject({ down_ms: 0, uptime_pct: 100 });
  });

  it('T4: dates a confirmed outage back to its first failure', () => {
    const runs = runsEvery(MINUTE, day, between(at('12:00'), at('12:04')));
    const asked = { runs, policy: policy(MINUTE, { confirm_failures: 3 }) };
    expect(weigh(asked).down_ms).toBe(240_000);
    expect(weigh(asked).uptime_pct).toBeCloseTo(99.72222222222223, 9);
    const [, down] = timelineOf(runs, asked.policy).changes;
    expect(down).toMatchObject({ side: 'down', at: at('12:00') });
    expect(down?.streak.at(-1)?.at).toBe(at('12:02'));
  });

  it('T6: sees five outages in ten alternating minutes', () => {
    const runs = runsEvery(MINUTE, day, (time) => time >= at('12:00') && time < at('12:10') && ((time - T0) / MINUTE) % 2 === 0);
    expect(weigh({ runs, policy: policy(MINUTE) }).down_ms).toBe(300_000);
    expect(timelineOf(runs, policy(MINUTE)).segments.filter((segment) => segment.state === 'down')).toHaveLength(5);
  });

  it('T8: leaves paused time out', () => {
    const runs = runsEvery(MINUTE, { from: T0, to: at('12:00') }, between(at('06:00'), at('07:00')));
    const result = weigh({ runs, policy: policy(MINUTE), overlays: { ...NONE, paused: [{ from: at('12:00'), to: T0 + DAY }] } });
    expect(result).toMatchObject({ paused_ms: 12 * HOUR, down_ms: HOUR });
    expect(result.uptime_pct).toBeCloseTo(91.66666666666667, 9);
  });

  it('T10: leaves out the time before the monitor existed', () => {
    const runs = runsEvery(MINUTE, { from: at('18:00'), to: T0 + DAY }, (time) => time === at('23:00'));
    const result = weigh({ runs, policy: policy(MINUTE), created_at: at('18:00') });
    expect(result).toMatchObject({ eligible_ms: 21_600_000, not_yet_ms: 18 * HOUR });
    expect(result.uptime_pct).toBeCloseTo(99.72222222222223, 9);
  });

  it('T11: cuts an outage at midnight', () => {
    const runs = runsEvery(MINUTE, { from: T0, to: T0 + 2 * DAY }, between(at('23:50'), T0 + DAY + 20 * MINUTE));
    const first = weigh({ runs, policy: policy(MINUTE) });
    const second = weigh({ runs, policy: policy(MINUTE), from: T0 + DAY, to: T0 + 2 * DAY });
    expect([first.uptime_pct, second.uptime_pct].map((pct) => Math.round((pct ?? 0) * 1e6) / 1e6)).toEqual([99.305556, 98.611111]);
    expect(timelineOf(runs, policy(MINUTE)).changes.filter((change) => change.side === 'down')).toHaveLength(1);
  });

  it('T12: counts an outage that goes on until the end of the window', () => {
    const runs = runsEvery(MINUTE, { from: T0, to: at('12:00') }, between(at('11:40'), at('12:00')));
    expect(weigh({ runs, policy: policy(MINUTE), from: at('11:00'), to: at('12:00') }).uptime_pct).toBeCloseTo(66.66666666666667, 9);
  });

  it('T14: counts spans that overlap once', () => {
    const runs = runsEvery(MINUTE, day, () => false);
    const excluded = [
      { from: at('10:00'), to: at('10:30') },
      { from: at('10:15'), to: at('10:45') },
    ];
    expect(weigh({ runs, policy: policy(MINUTE), overlays: { ...NONE, excluded } }).excluded_ms).toBe(45 * MINUTE);
  });

  it('T21: is nothing when the whole window is planned maintenance', () => {
    const runs = runsEvery(MINUTE, day, () => true);
    expect(weigh({ runs, policy: policy(MINUTE), overlays: { ...NONE, maintenance: [day] } })).toMatchObject({
      uptime_pct: null,
      maintenance_ms: DAY,
      down_ms: 0,
    });
  });

  it('knows nothing of a long silence', () => {
    const runs = [
      ...runsEvery(MINUTE, { from: T0, to: at('06:00') }, () => false),
      ...runsEvery(MINUTE, { from: at('12:00'), to: T0 + DAY }, () => false),
    ];
    const result = weigh({ runs, policy: policy(MINUTE) });
    expect(result.unknown_ms).toBe(6 * HOUR + MINUTE - staleMs(MINUTE, 30_000));
    expect(result.uptime_pct).toBe(100);
  });

  it('confirms x of the last y failures, from the first of them', () => {
    const pattern = [true, false, true, false, true, false, true, true, true, true];
    const runs = pattern.map((passed, index) => ({ run_id: `run_${index}`, at: T0 + index * MINUTE, passed, error: null }));
    const { changes } = timelineOf(runs, policy(MINUTE, { confirm_failures: 3, confirm_of: 5 }));
    expect(changes.map(({ side, at: time }) => [side, (time - T0) / MINUTE])).toEqual([
      ['up', 0],
      ['down', 1],
      ['up', 6],
    ]);
  });

  const histories = fc
    .array(fc.record({ gap: fc.integer({ min: 1000, max: 10 * MINUTE }), passed: fc.boolean() }), { minLength: 1, maxLength: 120 })
    .map((steps) => {
      let time = T0;
      return steps.map(({ gap, passed }, index): Observation => ({
        run_id: `run_${String(index).padStart(4, '0')}`,
        at: (time += gap),
        passed,
        error: null,
      }));
    });
  const spans = fc
    .array(fc.record({ from: fc.integer({ min: T0, max: T0 + DAY }), length: fc.integer({ min: 0, max: 4 * HOUR }) }), { maxLength: 4 })
    .map((list) => list.map(({ from, length }) => ({ from, to: from + length })));
  const policies = fc.record({ confirm_failures: fc.integer({ min: 1, max: 5 }), recover_passes: fc.integer({ min: 1, max: 5 }) });

  it('lies between 0 and 100, and its parts make up the window, whatever overlaps', () => {
    fc.assert(
      fc.property(histories, policies, fc.record({ paused: spans, maintenance: spans, excluded: spans }), (runs, given, overlays) => {
        const result = weigh({ runs, policy: policy(MINUTE, given), overlays });
        if (result.uptime_pct !== null) expect(result.uptime_pct >= 0 && result.uptime_pct <= 100).toBe(true);
        const { up_ms, down_ms, unknown_ms, paused_ms, maintenance_ms, excluded_ms, not_yet_ms } = result;
        expect(up_ms + down_ms + unknown_ms + paused_ms + maintenance_ms + excluded_ms + not_yet_ms).toBe(DAY);
      }),
    );
  });

  it('does not depend on the order in which runs are told', () => {
    fc.assert(
      fc.property(histories, policies, (runs, given) => {
        expect(timelineOf(runs.toReversed(), policy(MINUTE, given))).toEqual(timelineOf(runs, policy(MINUTE, given)));
      }),
    );
  });

  it('is down exactly while an outage is open', () => {
    fc.assert(
      fc.property(histories, policies, (runs, given) => {
        const everKnown = { ...policy(MINUTE, given), stale_ms: DAY };
        const { changes } = timelineOf(runs, everKnown);
        const end = T0 + DAY;
        const outages = changes.flatMap((change, index) =>
          change.side === 'down' ? [{ from: change.at, to: changes[index + 1]?.at ?? end }] : [],
        );
        const owned = outages.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - from), 0);
        expect(weigh({ runs, policy: everKnown }).down_ms).toBe(owned);
      }),
    );
  });

  it('never counts more time down when it takes more failures to confirm', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 5 }), (runs, confirm_failures) => {
        const strict = weigh({ runs, policy: policy(MINUTE, { confirm_failures: confirm_failures + 1 }) });
        const loose = weigh({ runs, policy: policy(MINUTE, { confirm_failures }) });
        expect(strict.down_ms).toBeLessThanOrEqual(loose.down_ms);
      }),
    );
  });
});
