import * as z from 'zod';
import { Id, shownName, Timestamp, TimeZone } from '../contract.ts';
import { CronText, Tags } from '../monitors/contract.ts';

/** Planned work: its monitors are not run, and the time does not count. */
export const Maintenance = z
  .object({
    id: z.string(),
    name: z.string(),
    test_ids: z.array(z.string()),
    tags: z.array(z.string()),
    starts_at: z.string(),
    ends_at: z.string().nullable(),
    cron: z.string().nullable(),
    timezone: z.string(),
    duration_minutes: z.int().nullable(),
    is_active: z.boolean(),
    next_at: z.string().nullable().describe('When it begins next.'),
    created_at: z.string(),
  })
  .meta({ id: 'Maintenance' });
export type Maintenance = z.infer<typeof Maintenance>;

export const CreateMaintenanceInput = z
  .strictObject({
    name: shownName(200),
    test_ids: z.array(Id).max(500).default([]),
    tags: Tags.default([]).describe('Applies to monitors with one of these tags, too.'),
    starts_at: Timestamp.describe('Begin; with `cron` the time from which on it recurs.'),
    ends_at: Timestamp.nullable().default(null).describe('End; with `cron` the time after which it recurs no more.'),
    cron: CronText.nullable()
      .default(null)
      .describe('When it begins, in `timezone`: wall-clock times, also across changes of summer time.'),
    timezone: TimeZone.default('UTC'),
    duration_minutes: z.int().min(1).max(10_080).nullable().default(null),
  })
  .superRefine((input, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (input.test_ids.length + input.tags.length === 0) refuse('test_ids', 'name at least one monitor or tag');
    if (input.cron === null && input.ends_at === null) refuse('ends_at', 'is needed without cron');
    if (input.cron !== null && input.duration_minutes === null) refuse('duration_minutes', 'is needed with cron');
    if (input.cron === null && input.duration_minutes !== null) refuse('duration_minutes', 'is for recurring windows; give ends_at');
    if (input.ends_at !== null && Date.parse(input.ends_at) <= Date.parse(input.starts_at)) refuse('ends_at', 'must lie after starts_at');
  });
export type CreateMaintenanceInput = z.infer<typeof CreateMaintenanceInput>;
export const MaintenanceInput = z.strictObject({ id: Id });
export const ListMaintenanceInput = z.strictObject({ test_id: Id.optional() });
export type ListMaintenanceInput = z.infer<typeof ListMaintenanceInput>;
export const ListMaintenanceOutput = z.object({ items: z.array(Maintenance) });
export type ListMaintenanceOutput = z.infer<typeof ListMaintenanceOutput>;
