import * as z from 'zod';

const Rule = z.strictObject({
  max_age_days: z.number().positive().max(36_500).nullable().describe('Removed when it ended longer ago than this; null keeps it.'),
  max_count: z.int().min(0).nullable().describe('Only the newest so many are kept; null keeps all.'),
});

/** What is removed when, per final status; events are the entries of the log. */
export const Retention = z
  .strictObject({
    completed: Rule,
    failed: Rule,
    cancelled: Rule,
    events: z.strictObject({ max_age_days: z.number().positive().max(36_500).nullable() }),
  })
  .meta({ id: 'Retention' });
export type Retention = z.infer<typeof Retention>;

export const DEFAULT_RETENTION: Retention = {
  completed: { max_age_days: 30, max_count: null },
  failed: { max_age_days: 90, max_count: null },
  cancelled: { max_age_days: 30, max_count: null },
  events: { max_age_days: 7 },
};

export const SetRetentionInput = Retention.partial();
export type SetRetentionInput = z.infer<typeof SetRetentionInput>;

/** What a run of retention would remove now, or has removed. */
export const RetentionReport = z
  .object({ is_dry_run: z.boolean(), workloads: z.object({ completed: z.int(), failed: z.int(), cancelled: z.int() }), events: z.int() })
  .meta({ id: 'RetentionReport' });
export type RetentionReport = z.infer<typeof RetentionReport>;
export const RunRetentionInput = z.strictObject({ dry_run: z.boolean().default(true) });
