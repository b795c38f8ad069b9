import * as z from 'zod';
import { Cursor, Id, limit, text, Timestamp } from '../contract.ts';

export const ROLES = ['viewer', 'operator', 'admin', 'worker'] as const;
/** viewer reads, operator also changes work, admin also changes settings and keys; a worker makes agent calls only. */
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    created_at: z.string(),
    expires_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
    last_used_at: z.string().nullable().describe('Coarse: at most one minute old.'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const CreateKeyInput = z.strictObject({
  name: text(128, 1).refine((name) => name.trim() !== '', { error: 'must not be blank' }),
  role: Role,
  expires_at: Timestamp.optional().describe('Default: never.'),
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
