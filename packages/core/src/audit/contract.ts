import * as z from 'zod';
import { Cursor, Id, limit, text, Timestamp } from '../contract.ts';

/** One change that somebody made or was refused. */
export const AuditEntry = z
  .object({
    position: z.int().describe('From 1, without gaps.'),
    at: z.string(),
    actor_kind: z
      .string()
      .describe(
        '`user`, `key`, `open` (nobody had to sign in), `anonymous` (a sign-in, the first account) or `system` (the server by itself).',
      ),
    actor_id: z.string().nullable().describe('Of the person or the key.'),
    actor_name: z.string().nullable(),
    address: z.string().nullable(),
    action: z.string().describe('The procedure, such as `keys.create`.'),
    target: z.string().nullable().describe('Id or name of what it was about; of several, the first.'),
    outcome: z.string().describe('`done`, or the code of the refusal.'),
    item_count: z.int().describe('More than 1 where an entry stands for several calls, or for a call with several items.'),
    request_id: z.string().nullable(),
    details: z.unknown().describe('What changed: field → [before, after]; values that may be secret or long are left out.'),
    previous_hash: z.string(),
    hash: z.string().describe('SHA-256 over the previous hash and this entry.'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

const Filters = {
  actor_id: Id.optional(),
  action: text(100, 1).optional().describe('A procedure, or a group of them such as `keys`.'),
  target: text(128, 1).optional(),
  outcome: text(32, 1).optional(),
  from: Timestamp.optional(),
  to: Timestamp.optional(),
};

export const ListAuditInput = z.strictObject({ ...Filters, limit: limit(100, 500), cursor: Cursor.optional() });
export type ListAuditInput = z.infer<typeof ListAuditInput>;
export const ListAuditOutput = z.object({ items: z.array(AuditEntry), next_cursor: z.string().nullable() });
export type ListAuditOutput = z.infer<typeof ListAuditOutput>;

export const ExportAuditInput = z.strictObject(Filters);
export type ExportAuditInput = z.infer<typeof ExportAuditInput>;

export const VerifyAuditInput = z.strictObject({
  position: z.int().min(1).optional().describe('With `hash`: an entry you noted earlier, which must still be there.'),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type VerifyAuditInput = z.infer<typeof VerifyAuditInput>;

export const VerifyAuditOutput = z
  .object({
    is_intact: z.boolean(),
    checked_count: z.int(),
    broken_at: z.int().nullable().describe('The first position that is not what was written.'),
    problem: z.enum(['edited', 'missing', 'cut_off', 'replaced']).nullable(),
    head_position: z.int(),
    head_hash: z.string().describe('Note it outside: with it, even a chain written anew is found out.'),
  })
  .meta({ id: 'AuditVerification' });
export type VerifyAuditOutput = z.infer<typeof VerifyAuditOutput>;
