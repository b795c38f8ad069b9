import * as z from 'zod';
import { Clip } from '../clips/contract.ts';
import { Counter, Cursor, Id, limit, reportedText, text, Timestamp, TimeZone } from '../contract.ts';
import { PlatformKey, PlatformName } from '../platforms/contract.ts';
import { Video } from '../videos/contract.ts';

export const PUBLICATION_STATUSES = ['pending', 'scheduled', 'processing', 'success', 'failed', 'cancelled'] as const;
/** `cancelled` publications are in no total. */
export const PublicationStatus = z.enum(PUBLICATION_STATUSES);
export type PublicationStatus = z.infer<typeof PublicationStatus>;

export const SUB_STATUSES = [
  'unconfirmed',
  'missed',
  'auth',
  'content',
  'rate_limited',
  'transient',
  'connector',
  'awaiting_result',
  'reported',
] as const;
/** Why it failed, why it is pending again, or how far it is. */
export const SubStatus = z.enum(SUB_STATUSES);
export type SubStatus = z.infer<typeof SubStatus>;

export const ATTEMPT_OUTCOMES = [
  'success',
  'accepted',
  'content',
  'auth',
  'rate_limited',
  'transient',
  'connector',
  'unconfirmed',
  'cancelled',
] as const;
export const PublicationOutcome = z.enum(ATTEMPT_OUTCOMES);
export type PublicationOutcome = z.infer<typeof PublicationOutcome>;

export const PublicationAttempt = z.object({
  attempt: z.int(),
  workload_id: z.string().nullable(),
  outcome: PublicationOutcome.nullable().describe('Null while it is under way.'),
  http_status: z.int().nullable(),
  error: z.string().nullable(),
  sent_at: z.string().nullable().describe('Set before the first byte leaves.'),
  started_at: z.string(),
  finished_at: z.string().nullable(),
});
export type PublicationAttempt = z.infer<typeof PublicationAttempt>;

/** One clip on one account of one platform: the publish log. */
export const Publication = z
  .object({
    id: z.string(),
    clip_id: z.string(),
    platform: z.string(),
    platform_key: PlatformKey.describe('What it counts under.'),
    social_account_id: z.string(),
    campaign_id: z.string().nullable(),
    status: PublicationStatus,
    sub_status: SubStatus.nullable(),
    wait_reason: z.string().nullable().describe('While it is not final: in words, why it is where it is.'),
    requested_at: z.string(),
    scheduled_for: z.string().nullable(),
    due_at: z.string(),
    next_try_at: z.string().nullable(),
    published_at: z.string().nullable(),
    external_id: z.string().nullable(),
    error: z.string().nullable(),
    attempt: z.int(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Publication' });
export type Publication = z.infer<typeof Publication>;
export const PublicationWithAttempts = Publication.extend({ attempts: z.array(PublicationAttempt) }).meta({
  id: 'PublicationWithAttempts',
});
export type PublicationWithAttempts = z.infer<typeof PublicationWithAttempts>;

const ErrorText = reportedText(4096);
const ExternalId = reportedText(512, 1);

export const CreatePublicationInput = z.strictObject({
  id: Id.optional(),
  clip_id: Id,
  platform: PlatformName,
  social_account_id: Id,
  campaign_id: Id.nullable().optional(),
  scheduled_for: Timestamp.nullable().optional(),
  requested_at: Timestamp.optional().describe('Default now; earlier for back-fill.'),
  status: PublicationStatus.optional().describe('For back-fill. Default `scheduled` with a future `scheduled_for`, else `pending`.'),
  sub_status: SubStatus.nullable().optional(),
  published_at: Timestamp.nullable().optional(),
  external_id: ExternalId.nullable().optional(),
  error: ErrorText.nullable().optional(),
  idempotency_key: text(255, 1).optional().describe('The same key and body answers with the first publication.'),
});
export type CreatePublicationInput = z.infer<typeof CreatePublicationInput>;
export const CreateManyPublicationsInput = z.strictObject({ items: z.array(CreatePublicationInput).min(1).max(1000) });
export const CreateManyPublicationsOutput = z.object({ items: z.array(Publication) });

export const UpdatePublicationInput = z.strictObject({
  id: Id,
  status: PublicationStatus.optional(),
  sub_status: SubStatus.nullable().optional(),
  scheduled_for: Timestamp.nullable().optional(),
  published_at: Timestamp.nullable().optional(),
  external_id: ExternalId.nullable().optional(),
  error: ErrorText.nullable().optional(),
});
export type UpdatePublicationInput = z.infer<typeof UpdatePublicationInput>;

export const PublicationInput = z.strictObject({ id: Id });
export const RetryPublicationInput = z.strictObject({
  id: Id,
  confirmed_not_published: z
    .boolean()
    .default(false)
    .describe('Needed when the outcome is not known: somebody looked, and it is not there.'),
});
export type RetryPublicationInput = z.infer<typeof RetryPublicationInput>;
export const RetryManyPublicationsInput = z.strictObject({
  sub_status: SubStatus.optional(),
  platform: PlatformKey.optional(),
  campaign_id: Id.optional(),
  social_account_id: Id.optional(),
  confirmed_not_published: z.boolean().default(false),
  limit: limit(1000, 1000),
});
export type RetryManyPublicationsInput = z.infer<typeof RetryManyPublicationsInput>;
export const RetryManyPublicationsOutput = z.object({ retried: z.int(), has_more: z.boolean() });

export const ReportResultInput = z
  .strictObject({
    id: Id,
    status: z.enum(['success', 'failed']).optional().describe('Default: `failed` with an `error`, else `success`.'),
    external_id: ExternalId.optional(),
    published_at: Timestamp.optional(),
    error: ErrorText.optional(),
    sub_status: SubStatus.optional(),
  })
  .refine((input) => (input.status ?? (input.error === undefined ? 'success' : 'failed')) === 'failed' || input.external_id !== undefined, {
    error: 'is needed for a success',
    path: ['external_id'],
  });
export type ReportResultInput = z.infer<typeof ReportResultInput>;

export const ListPublicationsInput = z.strictObject({
  status: z.union([PublicationStatus, z.array(PublicationStatus).min(1).max(6)]).optional(),
  sub_status: SubStatus.optional(),
  platform: PlatformName.optional().describe('One of the four keys, or the name of a platform.'),
  social_account_id: Id.optional(),
  campaign_id: Id.optional(),
  clip_id: Id.optional(),
  requested_from: Timestamp.optional(),
  requested_to: Timestamp.optional(),
  due_from: Timestamp.optional(),
  due_to: Timestamp.optional(),
  is_scheduled: z.boolean().optional().describe('Whether somebody gave it a time of its own, `scheduled_for`.'),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListPublicationsInput = z.infer<typeof ListPublicationsInput>;
export const ListPublicationsOutput = z.object({ items: z.array(Publication), next_cursor: z.string().nullable() });
export const ExportPublicationsInput = ListPublicationsInput.omit({ limit: true, cursor: true });
export type ExportPublicationsInput = z.infer<typeof ExportPublicationsInput>;

const Day = z.iso
  .date({ error: 'must be a day such as 2026-01-31' })
  .refine((day) => day >= '1970-01-01' && day < '2200-01-01', { error: 'must lie between 1970 and 2199' });
export const PublicationCalendarInput = ExportPublicationsInput.omit({ due_from: true, due_to: true }).extend({
  span: z.enum(['month', 'week']).default('month'),
  at: Day.optional().describe('A day of the month or week; today when left out.'),
  timezone: TimeZone.default('UTC').describe('Whose days they are.'),
});
export type PublicationCalendarInput = z.infer<typeof PublicationCalendarInput>;

/** A day of a calendar, and what is due on it. Its list is that of the same filter with `due_from` and `due_to`. */
export const CalendarDay = z.object({
  date: z.string().describe('`2026-01-31`.'),
  from: z.string().describe('When the day begins in its zone.'),
  to: z.string().describe('When the next one does: a day may have 23 or 25 hours.'),
  is_inside: z.boolean().describe('False for days of the neighbouring months that fill the first and the last week.'),
  counts: z.record(PublicationStatus, z.int()),
  late: z.int().describe('Pending ones among them whose time has come and gone.'),
});
export type CalendarDay = z.infer<typeof CalendarDay>;
/** Whole weeks from Monday to Sunday, by the time at which each publication is due. */
export const PublicationCalendar = z
  .object({
    span: z.enum(['month', 'week']),
    timezone: z.string(),
    first: z.string().describe('First day of the month or week.'),
    previous: z.string().describe('A day of the one before.'),
    next: z.string().describe('A day of the one after.'),
    today: z.string(),
    as_of: z.string().describe('When this was counted; what was due before and waits is late.'),
    days: z.array(CalendarDay),
    unscheduled: z.int().describe('Pending ones, of any day, that nobody gave a time: they go out as soon as they can.'),
    late: z.int().describe('Pending ones, of any day, that were scheduled and whose time has come and gone.'),
  })
  .meta({ id: 'PublicationCalendar' });
export type PublicationCalendar = z.infer<typeof PublicationCalendar>;
export const WatchPublicationsInput = z.strictObject({ lastEventId: z.string().max(128).nullish() });

/** What a connector tells a platform. */
export const ConnectorBody = z.object({
  publication: Publication.omit({ wait_reason: true }),
  clip: Clip,
  video: Video,
  attempt: z.int(),
  idempotency_key: z.string(),
});

export const PublishPayload = z.strictObject({ publication_id: Id, attempt: z.int().min(1) });
export type PublishPayload = z.infer<typeof PublishPayload>;

export const BeginSendInput = z.strictObject({ job_id: Id, lease_epoch: Counter });
export type BeginSendInput = z.infer<typeof BeginSendInput>;
/** `send`: this request, now, once. `unconfirmed`: an earlier agent was lost after it may have sent it. `over`: it is not wanted (any more). */
export const BeginSendOutput = z.discriminatedUnion('decision', [
  z.object({
    decision: z.literal('send'),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    timeout_ms: z.int(),
  }),
  z.object({ decision: z.literal('unconfirmed') }),
  z.object({ decision: z.literal('over') }),
]);
export type BeginSendOutput = z.infer<typeof BeginSendOutput>;

/** What an agent found out, as the output of its workload. */
export const SendReport = z.object({
  outcome: PublicationOutcome,
  http_status: z.int().nullable().default(null),
  external_id: ExternalId.nullable().default(null),
  published_at: Timestamp.nullable().default(null),
  error: z.string().nullable().default(null),
  retry_after_seconds: z.number().min(0).nullable().default(null),
});
export type SendReport = z.infer<typeof SendReport>;
