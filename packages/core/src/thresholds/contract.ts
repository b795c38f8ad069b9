import * as z from 'zod';
import { Cursor, Id, limit } from '../contract.ts';
import { PlatformKey } from '../platforms/contract.ts';
import { MetricName, metricProblem } from '../publishing/contract.ts';
import { Title } from '../videos/contract.ts';

export const THRESHOLD_LEVELS = ['warn', 'crit'] as const;
export const ThresholdLevel = z.enum(THRESHOLD_LEVELS);
export type ThresholdLevel = z.infer<typeof ThresholdLevel>;

const Limit = z.number().min(-1e15).max(1e15);
const Seconds = z.int().min(0).max(86_400);
const Fields = {
  name: Title,
  metric: MetricName,
  platform: PlatformKey.nullable().describe('Null: of all platforms together.'),
  direction: z.enum(['above', 'below']).describe('On which side of a limit, the limit itself included, something is wrong.'),
  warn: Limit.nullable(),
  crit: Limit.nullable(),
  recover: Limit.nullable().describe('On the other side of this it is well again. Null: of the weaker limit.'),
  for_seconds: Seconds.describe('How long it must last before anybody is told.'),
  recover_seconds: Seconds.describe('How long it must be well before it is over.'),
  channel_ids: z.array(Id).max(20),
  is_enabled: z.boolean(),
};

interface Limits {
  metric: MetricName;
  platform: PlatformKey | null;
  direction: 'above' | 'below';
  warn: number | null;
  crit: number | null;
  recover: number | null;
}

/** What does not go together in a threshold, as path and message; null when all does. */
export function thresholdProblem(limits: Limits): { path: string; message: string } | null {
  const problem = metricProblem(limits);
  if (problem !== null) return { path: 'platform', message: problem };
  if (limits.warn === null && limits.crit === null) return { path: 'warn', message: 'or crit is needed' };
  const sign = limits.direction === 'above' ? 1 : -1;
  const beyond = (left: number | null, right: number | null): boolean => left !== null && right !== null && sign * left > sign * right;
  if (beyond(limits.warn, limits.crit)) return { path: 'warn', message: 'must not lie beyond crit' };
  return beyond(limits.recover, limits.warn ?? limits.crit) ? { path: 'recover', message: 'must not lie beyond the weaker limit' } : null;
}

export const CreateThresholdInput = z
  .strictObject({
    name: Fields.name,
    metric: Fields.metric,
    platform: Fields.platform.default(null),
    direction: Fields.direction.default('above'),
    warn: Fields.warn.default(null),
    crit: Fields.crit.default(null),
    recover: Fields.recover.default(null),
    for_seconds: Fields.for_seconds.default(0),
    recover_seconds: Fields.recover_seconds.default(0),
    channel_ids: Fields.channel_ids.default([]),
    is_enabled: Fields.is_enabled.default(true),
  })
  .superRefine((input, context) => {
    const problem = thresholdProblem(input);
    if (problem !== null) context.addIssue({ code: 'custom', path: [problem.path], message: problem.message });
  });
export type CreateThresholdInput = z.infer<typeof CreateThresholdInput>;
export const UpdateThresholdInput = z.strictObject({ id: Id, ...z.strictObject(Fields).partial().shape });
export type UpdateThresholdInput = z.infer<typeof UpdateThresholdInput>;
export const ThresholdInput = z.strictObject({ id: Id });

/** One stretch of a metric beyond its limit. */
export const ThresholdAlert = z
  .object({
    id: z.string(),
    threshold_id: z.string(),
    level: ThresholdLevel.describe('The worst it came to.'),
    opened_at: z.string(),
    escalated_at: z.string().nullable(),
    resolved_at: z.string().nullable(),
    first_value: z.number(),
    worst_value: z.number(),
    last_value: z.number().nullable(),
  })
  .meta({ id: 'ThresholdAlert' });
export type ThresholdAlert = z.infer<typeof ThresholdAlert>;

export const Threshold = z
  .object({
    id: z.string(),
    ...Fields,
    state: z.enum(['ok', 'pending', 'warn', 'crit']).describe('`pending`: beyond a limit, not yet for `for_seconds`.'),
    last_value: z.number().nullable(),
    checked_at: z.string().nullable(),
    alert: ThresholdAlert.nullable().describe('The one that is open.'),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Threshold' });
export type Threshold = z.infer<typeof Threshold>;
export const ListThresholdsInput = z.strictObject({ limit: limit(50, 200), cursor: Cursor.optional() });
export type ListThresholdsInput = z.infer<typeof ListThresholdsInput>;
export const ListThresholdsOutput = z.object({ items: z.array(Threshold), next_cursor: z.string().nullable() });
export const ListAlertsInput = z.strictObject({
  threshold_id: Id.optional(),
  is_open: z.boolean().optional(),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListAlertsInput = z.infer<typeof ListAlertsInput>;
export const ListAlertsOutput = z.object({ items: z.array(ThresholdAlert), next_cursor: z.string().nullable() });
