import * as z from 'zod';
import { Cursor, limit, text, Withheld } from '../contract.ts';

export const FAILURE_DOMAINS = ['workload', 'monitor', 'publication'] as const;
export const FailureDomain = z.enum(FAILURE_DOMAINS);
export type FailureDomain = z.infer<typeof FailureDomain>;
export const FAILURE_STATUSES = ['open', 'resolved', 'ignored'] as const;
export const FailureStatus = z.enum(FAILURE_STATUSES);
export type FailureStatus = z.infer<typeof FailureStatus>;

/** Failures that say the same once numbers, ids, addresses and paths are left out. */
export const FailureGroup = z
  .object({
    id: z.string(),
    domain: FailureDomain,
    subject: z.string().describe('The kind of the workload, the id of the monitor, or the platform.'),
    message: z.string().describe('What they have in common, with `<n>`, `<id>`, `<hex>`, `<ip>` and `<path>` for what differs.'),
    sample: z.string().describe('The latest, as it was.'),
    count: z.int(),
    first_at: z.string(),
    last_at: z.string(),
    last_ref: z.string().describe('Id of the latest workload, run or publication.'),
    status: FailureStatus.describe('`resolved` becomes `open` again when it returns; `ignored` stays.'),
    status_at: z.string().nullable(),
    returned_count: z.int(),
    trend: z.array(z.int()).describe('Counts of the last 24 hours, oldest first; the last hour still runs.'),
    withheld: Withheld,
  })
  .meta({ id: 'FailureGroup' });
export type FailureGroup = z.infer<typeof FailureGroup>;

const FailureId = z.string().regex(/^fail_[0-9a-f]{20}$/, 'must be the id of a group of failures');
export const ListFailuresInput = z.strictObject({
  status: FailureStatus.optional(),
  domain: FailureDomain.optional(),
  q: text(200, 1).optional().describe('Part of the message.'),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListFailuresInput = z.infer<typeof ListFailuresInput>;
export const ListFailuresOutput = z.object({ items: z.array(FailureGroup), next_cursor: z.string().nullable() });
export type ListFailuresOutput = z.infer<typeof ListFailuresOutput>;
export const FailureInput = z.strictObject({ id: FailureId });
export const SetFailureInput = z.strictObject({ id: FailureId, status: FailureStatus });
export type SetFailureInput = z.infer<typeof SetFailureInput>;
