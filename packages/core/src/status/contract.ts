import * as z from 'zod';
import { Id, text } from '../contract.ts';
import { MonitorState, StateCounts } from '../monitors/contract.ts';

export const PublicMonitor = z.object({
  id: z.string(),
  name: z.string(),
  state: MonitorState.describe('`down` also when nothing has been heard of it since its outage began: `outage` says when that was.'),
  last_run_at: z.string().nullable(),
  uptime_24h_pct: z.number().nullable().describe('Floored to one decimal; null without runs.'),
  uptime_30d_pct: z.number().nullable(),
  days: z.array(
    z.object({
      day: z.string(),
      total_runs: z.int(),
      passed_runs: z.int(),
      uptime_pct: z.number().nullable().describe('Null on a day without runs.'),
    }),
  ),
  outage: z.object({ opened_at: z.string(), acknowledged_at: z.string().nullable() }).nullable(),
});
export type PublicMonitor = z.infer<typeof PublicMonitor>;

/** What a status page shows: monitors marked public, worst first, without addresses and errors. */
export const PublicStatus = z
  .object({
    state: z
      .enum(['up', 'down', 'unknown'])
      .describe('Of all together: `up` when each is known to be up, `down` when one is down; otherwise `unknown`.'),
    by_state: StateCounts,
    headline: z.string().describe('The worst of it in words, such as "1 of 4 has no result yet".'),
    detail: z.string().nullable().describe('What holds of the others, such as "3 are up".'),
    timezone: z.literal('UTC').describe('In which the days begin.'),
    generated_at: z.string(),
    monitors: z.array(PublicMonitor),
  })
  .meta({ id: 'PublicStatus' });
export type PublicStatus = z.infer<typeof PublicStatus>;
export const PublicStatusInput = z.strictObject({ days: z.int().min(1).max(90).default(30) });
export type PublicStatusInput = z.infer<typeof PublicStatusInput>;

export const BadgeInput = z.strictObject({
  test_id: Id,
  metric: z.enum(['status', 'uptime', 'latency']),
  label: text(40).optional(),
  hours: z.int().min(1).max(720).default(720),
});
export type BadgeInput = z.infer<typeof BadgeInput>;
