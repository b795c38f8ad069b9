import * as z from 'zod';
import { Cursor, Id, limit, Name, shownName, Timestamp } from '../contract.ts';

export const ROLES = ['viewer', 'operator', 'admin', 'worker'] as const;
/** viewer reads, operator also changes work, admin also changes settings and keys; a worker makes agent calls only. */
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    queues: z.array(z.string()).nullable().describe('Null: every queue.'),
    kinds: z.array(z.string()).nullable().describe('Null: every kind.'),
    sees_payloads: z.boolean().describe('False: payloads and outputs of workloads are withheld, and what targets answered to monitors.'),
    created_by: z.string().nullable().describe('Id of the key or person that made it.'),
    replaced_by: z.string().nullable().describe('Id of the key it was rotated into.'),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
    last_used_at: z.string().nullable().describe('Coarse: at most one minute old.'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

const Scope = z.array(Name).min(1).max(100);
export const LONGEST_EXPIRY_MS = 10 * 366 * 86_400_000;

export const CreateKeyInput = z.strictObject({
  name: shownName(128),
  role: Role,
  expires_at: Timestamp.optional().describe('At most ten years ahead. Default: never.'),
  queues: Scope.optional().describe('It creates, sees and takes work of these queues only. Default: all.'),
  kinds: Scope.optional().describe('It creates, sees and takes work of these kinds only. Default: all.'),
  sees_payloads: z
    .boolean()
    .optional()
    .describe('False: payloads and outputs of workloads are withheld, and what targets answered to monitors. Default: true.'),
});
export type CreateKeyInput = z.infer<typeof CreateKeyInput>;

export const CreateKeyOutput = ApiKey.extend({
  key: z.string().describe('The key itself. It is shown once and cannot be read again.'),
}).meta({ id: 'CreatedApiKey' });
export type CreateKeyOutput = z.infer<typeof CreateKeyOutput>;

export const ListKeysInput = z.strictObject({ limit: limit(100, 500), cursor: Cursor.optional() });
export type ListKeysInput = z.infer<typeof ListKeysInput>;
export const ListKeysOutput = z.object({ items: z.array(ApiKey), next_cursor: z.string().nullable() });
export type ListKeysOutput = z.infer<typeof ListKeysOutput>;

export const RevokeKeyInput = z.strictObject({ id: Id });
export type RevokeKeyInput = z.infer<typeof RevokeKeyInput>;

/** How long the replaced key goes on working, unless told. */
const OVERLAP_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 30 * 86_400;

export const RotateKeyInput = z.strictObject({
  id: Id,
  overlap_seconds: z.int().min(0).max(MAX_OVERLAP_SECONDS).default(OVERLAP_SECONDS).describe('How long the old key goes on working.'),
  expires_at: Timestamp.optional().describe('Of the new key. Default: that of the old one.'),
});
export type RotateKeyInput = z.infer<typeof RotateKeyInput>;
export const GetKeyInput = z.strictObject({ id: Id });
export type GetKeyInput = z.infer<typeof GetKeyInput>;
