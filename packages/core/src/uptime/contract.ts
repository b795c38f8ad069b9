import * as z from 'zod';
import { Id, Timestamp, TimeZone } from '../contract.ts';
import { Run } from '../runs/contract.ts';

const Window = {
  hours: z.int().min(1).max(720).default(24).describe('Length of the window that ends now.'),
  from: Timestamp.optional().describe('Start of a window of your own, in place of `hours`.'),
  to: Timestamp.optional().describe('Its end, not included; default now.'),
};
export const UptimeInput = z.strictObject({ test_id: Id, ...Window });
export type UptimeInput = z.infer<typeof UptimeInput>;

/** The state over time, with time that does not count left out. */
export const TimeWeighted = z.object({
  uptime_pct: z.number().nullable().describe('Unrounded; null when no time counts.'),
  eligible_ms: z.int().describe('Time that counts.'),
  up_ms: z.int(),
  down_ms: z.int(),
  unknown_ms: z.int().describe('Left out: nothing was observed.'),
  paused_ms: z.int(),
  maintenance_ms: z.int(),
  excluded_ms: z.int(),
  not_yet_ms: z.int().describe('Before the monitor existed.'),
});
export type TimeWeighted = z.infer<typeof TimeWeighted>;

export const Uptime = z
  .object({
    test_id: z.string(),
    uptime_pct: z.number().describe('passed * 100 / total, floored to one decimal; 100.0 only when nothing failed, or without runs.'),
    total_runs: z.int(),
    passed_runs: z.int(),
    failed_runs: z.int(),
    window_hours: z.number(),
    from: z.string(),
    to: z.string(),
    has_data: z.boolean(),
    uptime_ratio: z.number().nullable().describe('passed / total, unrounded; null without runs.'),
    coverage_pct: z.number().describe('Runs there were, of those the schedule asked for while it was active.'),
    degraded_runs: z.int(),
    flaky_runs: z.int(),
    excluded_runs: z.int(),
    avg_duration_ms: z.number().nullable(),
    time_weighted: TimeWeighted,
  })
  .meta({ id: 'Uptime' });
export type Uptime = z.infer<typeof Uptime>;

/** The same for many monitors at once. */
export const ListUptimesInput = z.strictObject({ test_ids: z.array(Id).min(1).max(200), ...Window });
export type ListUptimesInput = z.infer<typeof ListUptimesInput>;
export const ListUptimesOutput = z.object({ items: z.array(Uptime).describe('In the order asked for; unknown ids are left out.') });
export type ListUptimesOutput = z.infer<typeof ListUptimesOutput>;

/** How an uptime came about: everything that went into it. */
export const UptimeExplanation = z
  .object({
    uptime: Uptime,
    sentences: z.array(z.string()),
    failed_runs: z.array(Run.omit({ step_results: true, artifacts: true })).describe('Up to 500, newest first.'),
    excluded: z.array(
      z.object({ kind: z.enum(['paused', 'maintenance', 'excluded']), from: z.string(), to: z.string(), reason: z.string().nullable() }),
    ),
    segments: z.array(z.object({ state: z.enum(['up', 'down', 'unknown']), from: z.string(), to: z.string() })),
    policy: z.object({
      stale_after_seconds: z.number(),
      maintenance: z.literal('exclude'),
      unknown: z.literal('exclude'),
      paused: z.literal('exclude'),
      degraded_weight: z.literal(0),
    }),
  })
  .meta({ id: 'UptimeExplanation' });
export type UptimeExplanation = z.infer<typeof UptimeExplanation>;

export const MonitorSeriesInput = z.strictObject({
  test_id: Id,
  bucket: z.enum(['5min', 'hour', 'day']).default('hour'),
  from: Timestamp.optional(),
  to: Timestamp.optional(),
});
export type MonitorSeriesInput = z.infer<typeof MonitorSeriesInput>;
export const MonitorSeries = z.object({
  test_id: z.string(),
  bucket: z.enum(['5min', 'hour', 'day']),
  points: z.array(
    z.object({
      bucket_at: z.string(),
      total_runs: z.int(),
      passed_runs: z.int(),
      failed_runs: z.int(),
      degraded_runs: z.int(),
      avg_duration_ms: z.number().nullable(),
      min_duration_ms: z.int().nullable(),
      max_duration_ms: z.int().nullable(),
      p50_ms: z.number().nullable(),
      p95_ms: z.number().nullable(),
      p99_ms: z.number().nullable(),
    }),
  ),
});
export type MonitorSeries = z.infer<typeof MonitorSeries>;

/** Error budget over the last 30 days, and how fast it burns. */
export const Slo = z
  .object({
    test_id: z.string(),
    target_pct: z.number(),
    window_hours: z.int(),
    uptime_pct: z.number().nullable(),
    budget_ms: z.int(),
    remaining_ms: z.int().describe('Negative when overspent.'),
    burn_rate_1h: z.number().nullable(),
    burn_rate_6h: z.number().nullable(),
    burn_rate_3d: z.number().nullable(),
  })
  .meta({ id: 'Slo' });
export type Slo = z.infer<typeof Slo>;

export const TimelineInput = z.strictObject({
  test_id: Id,
  ...Window,
  cells: z.int().min(1).max(100).default(90).describe('Parts of equal length.'),
  timezone: TimeZone.optional().describe('One cell per calendar day of this zone, in place of `cells`; at most 100 days.'),
});
export type TimelineInput = z.infer<typeof TimelineInput>;

/** States over time, and the same cut into cells. */
export const Timeline = z
  .object({
    test_id: z.string(),
    from: z.string(),
    to: z.string(),
    state_since: z
      .string()
      .nullable()
      .describe('Since when it is in its present state; null when the window ends before now, or nothing ran yet.'),
    cells: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        uptime_pct: z.number().nullable().describe('By time, rounded down; null when no time counts.'),
        up_ms: z.int(),
        down_ms: z.int(),
        unknown_ms: z.int(),
        left_out_ms: z.int().describe('Paused, in maintenance or excluded.'),
        not_yet_ms: z.int().describe('Before the monitor existed.'),
        outages: z.int().describe('Outages that were open in it.'),
      }),
    ),
    segments: UptimeExplanation.shape.segments,
    excluded: UptimeExplanation.shape.excluded,
  })
  .meta({ id: 'Timeline' });
export type Timeline = z.infer<typeof Timeline>;

export const GLANCE_CELLS = 45;
export const GlanceInput = z.strictObject({
  test_ids: z.array(Id).min(1).max(200),
  hours: z.int().min(1).max(2160).default(24),
});
export type GlanceInput = z.infer<typeof GlanceInput>;
export const MonitorGlance = z.object({
  test_id: z.string(),
  total_runs: z.int(),
  passed_runs: z.int(),
  uptime_pct: z.number().nullable().describe('By runs, rounded down to one decimal; null without runs.'),
  p95_ms: z.number().nullable(),
  p95: z.array(z.number().nullable()).describe('Over time, oldest first; null where nothing ran.'),
  cells: z.array(z.object({ total_runs: z.int(), failed_runs: z.int(), degraded_runs: z.int() })),
});
export type MonitorGlance = z.infer<typeof MonitorGlance>;

/** Figures of many monitors in one answer, from whole buckets: 5 minutes, hours or days, whichever the window allows. */
export const Glance = z
  .object({ from: z.string(), to: z.string(), cell_ms: z.number(), items: z.array(MonitorGlance).describe('Unknown ids are left out.') })
  .meta({ id: 'Glance' });
export type Glance = z.infer<typeof Glance>;
