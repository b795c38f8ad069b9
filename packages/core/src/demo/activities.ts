import type { LaneKey } from '../ports/index.ts';
import type { Dice } from './dice.ts';
import { DAY_MS, HOUR_MS } from './span.ts';

/** A way in which work of the demo fails again and again. */
export interface DemoFailure {
  /** Of all attempts, on a usual day. */
  readonly share: number;
  readonly error: (dice: Dice) => string;
  readonly reason: 'error' | 'timeout';
  readonly exit_code: number | null;
  readonly is_retryable: boolean;
  /** A time, in milliseconds before now, in which it is `times` as frequent. */
  readonly burst?: { readonly from: number; readonly to: number; readonly times: number };
}

/** A kind of work the demo does all month. */
export interface DemoActivity {
  readonly lane: LaneKey;
  readonly per_day: number;
  readonly median_ms: number;
  readonly spread: number;
  readonly max_attempts: number;
  readonly timeout_ms: number;
  readonly payload: (dice: Dice) => unknown;
  readonly output: (dice: Dice) => string;
  readonly labels: (dice: Dice) => Record<string, string>;
  readonly failures: readonly DemoFailure[];
}

const lane = (queue: string, kind: string, isolation = 'process'): LaneKey => ({ queue, kind, isolation, required_labels: {} });
const region = (dice: Dice): Record<string, string> => ({ demo: 'true', region: dice.pick(['eu', 'us']) });
const plain = (): Record<string, string> => ({ demo: 'true' });

const SCAN: DemoActivity = {
  lane: lane('scans', 'scan-keys'),
  per_day: 30,
  median_ms: 150_000,
  spread: 0.35,
  max_attempts: 3,
  timeout_ms: 900_000,
  payload: (dice) => ({ match: dice.pick(['session:*', 'cart:*', 'user:*', 'price:*']), shard: dice.whole(0, 15) }),
  output: (dice) => `Scanned shard ${dice.whole(0, 15)}, ${dice.whole(2, 90)} keys without expiry\n`,
  labels: region,
  failures: [
    {
      share: 0.02,
      error: (dice) => `connect ECONNREFUSED 10.0.3.${dice.whole(11, 19)}:6379`,
      reason: 'error',
      exit_code: null,
      is_retryable: true,
      burst: { from: 3 * DAY_MS + 4 * HOUR_MS, to: 3 * DAY_MS + 2 * HOUR_MS, times: 30 },
    },
  ],
};

const TRANSCODE: DemoActivity = {
  lane: lane('media', 'transcode'),
  per_day: 55,
  median_ms: 48_000,
  spread: 0.6,
  max_attempts: 2,
  timeout_ms: 600_000,
  payload: (dice) => ({ source: `s3://footage/${dice.whole(1000, 9999)}.mov`, preset: dice.pick(['1080p', '720p', 'vertical']) }),
  output: (dice) => `frame=${dice.whole(900, 4000)} fps=${dice.whole(40, 120)} speed=${(1 + dice.next() * 3).toFixed(2)}x\nmuxing done\n`,
  labels: region,
  failures: [
    {
      share: 0.03,
      error: (dice) => `ffmpeg exited with code 1: moov atom not found in /var/media/in/${dice.whole(10_000, 99_999)}.mov`,
      reason: 'error',
      exit_code: 1,
      is_retryable: false,
      burst: { from: 7 * HOUR_MS, to: 0, times: 7 },
    },
    { share: 0.004, error: () => 'The time limit of 600000 ms was over.', reason: 'timeout', exit_code: null, is_retryable: true },
  ],
};

const THUMBNAIL: DemoActivity = {
  lane: lane('media', 'thumbnail'),
  per_day: 80,
  median_ms: 900,
  spread: 0.4,
  max_attempts: 3,
  timeout_ms: 60_000,
  payload: (dice) => ({ clip: `clip_demo_${dice.whole(1, 120)}`, at_ms: dice.whole(0, 20_000) }),
  output: (dice) => `wrote ${dice.whole(20, 90)} kB\n`,
  labels: plain,
  failures: [],
};

const DIGEST: DemoActivity = {
  lane: lane('default', 'send-digest'),
  per_day: 60,
  median_ms: 1600,
  spread: 0.5,
  max_attempts: 2,
  timeout_ms: 120_000,
  payload: (dice) => ({ customer: dice.whole(1, 4000), template: 'weekly-digest' }),
  output: () => '250 2.0.0 Ok: queued\n',
  labels: plain,
  failures: [
    {
      share: 0.15,
      error: (dice) => `421 4.7.0 smtp-${dice.whole(1, 3)}: too many connections from 10.0.0.${dice.whole(2, 40)}, try again later`,
      reason: 'error',
      exit_code: null,
      is_retryable: true,
    },
  ],
};

const SYNC: DemoActivity = {
  lane: lane('default', 'sync-orders'),
  per_day: 48,
  median_ms: 7000,
  spread: 0.45,
  max_attempts: 3,
  timeout_ms: 300_000,
  payload: (dice) => ({ shop: dice.pick(['north', 'south', 'web']), since_minutes: 30 }),
  output: (dice) => JSON.stringify({ orders: dice.whole(3, 220), skipped: dice.whole(0, 3) }),
  labels: plain,
  failures: [],
};

const REPORT: DemoActivity = {
  lane: lane('reports', 'build-report', 'isolate'),
  per_day: 20,
  median_ms: 12_000,
  spread: 0.5,
  max_attempts: 2,
  timeout_ms: 120_000,
  payload: (dice) => ({ source: 'return totals(input.month)', input: { month: `2026-0${dice.whole(1, 9)}` }, memory_mb: 128 }),
  output: (dice) => JSON.stringify({ rows: dice.whole(200, 9000), total: dice.whole(10_000, 900_000) }),
  labels: plain,
  failures: [
    {
      share: 0.06,
      error: (dice) => `TypeError: Cannot read properties of undefined (reading 'total') at report.js:${dice.whole(40, 44)}:17`,
      reason: 'error',
      exit_code: null,
      is_retryable: false,
    },
  ],
};

const PLUGIN: DemoActivity = {
  lane: lane('default', 'run-plugin', 'gvisor'),
  per_day: 14,
  median_ms: 2500,
  spread: 0.7,
  max_attempts: 1,
  timeout_ms: 60_000,
  payload: (dice) => ({ plugin: dice.pick(['markdown', 'resize', 'translate']), tenant: dice.whole(1, 60) }),
  output: () => 'done\n',
  labels: plain,
  failures: [
    {
      share: 0.02,
      error: (dice) => `plugin of tenant ${dice.whole(1, 60)} was killed: out of memory`,
      reason: 'error',
      exit_code: 137,
      is_retryable: false,
    },
  ],
};

const BUILD: DemoActivity = {
  lane: lane('builds', 'build-image', 'microvm'),
  per_day: 8,
  median_ms: 95_000,
  spread: 0.4,
  max_attempts: 1,
  timeout_ms: 900_000,
  payload: (dice) => ({ repository: dice.pick(['shop', 'search', 'payments']), revision: dice.whole(1e9, 9e9).toString(16) }),
  output: (dice) => `pushed image, ${dice.whole(80, 240)} MB in ${dice.whole(6, 14)} layers\n`,
  labels: plain,
  failures: [],
};

export const DEMO_ACTIVITIES: readonly DemoActivity[] = [SCAN, TRANSCODE, THUMBNAIL, DIGEST, SYNC, REPORT, PLUGIN, BUILD];
/** Its queue is paused, and some of it waits there. */
export const HELD_ACTIVITY = REPORT;
/** Some of it is planned for later. */
export const SCHEDULED_ACTIVITY = DIGEST;
/** Jobs of this kind work on the demo's videos. */
export const VIDEO_KIND = TRANSCODE.lane.kind;
export const SCAN_KIND = SCAN.lane.kind;
