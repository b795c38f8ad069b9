import type { Kysely } from 'kysely';
import type { ApiKeyTable } from '../db/access-tables.ts';
import type { Database } from '../db/schema.ts';
import type { CoreContext } from '../ports/index.ts';
import { AppError, invalid } from '../errors.ts';
import { newId } from '../ids.ts';
import { LONGEST_EXPIRY_MS, type CreateKeyInput, type CreateKeyOutput } from './contract.ts';
import { KEY_COLUMNS } from './key-row.ts';
import { formatKey, hashSecret, newSecret } from './key-text.ts';

/** @throws {AppError} VALIDATION unless the time lies ahead, and not too far */
export function requireExpiry(nowMs: number, expiresAt: string | undefined): void {
  if (expiresAt === undefined) return;
  const ahead = Date.parse(expiresAt) - nowMs;
  if (ahead <= 0) throw invalid('expires_at', 'must be in the future');
  if (ahead > LONGEST_EXPIRY_MS) throw invalid('expires_at', 'must be at most ten years ahead; leave it out for a key without an end');
}

/** Inserts a key; only this answer carries its text. `family` is that of the key it replaces. */
export async function insertKey(
  db: Kysely<Database>,
  values: Pick<ApiKeyTable, 'id' | 'name' | 'role' | 'expires_at' | 'queues' | 'kinds' | 'created_by'> & {
    sees_payloads: boolean;
    family?: string;
  },
): Promise<CreateKeyOutput> {
  const secret = newSecret();
  const row = await db
    .insertInto('api_key')
    .values({ family: values.id, ...values, hash: hashSecret(secret) })
    .returning(KEY_COLUMNS)
    .executeTakeFirstOrThrow();
  return { ...row, key: formatKey({ id: values.id, secret }) };
}

/** Creates a key; only this answer carries its text. `createdBy` is the id of the key or person that asks. */
export async function createKey(ctx: CoreContext, input: CreateKeyInput, createdBy: string | null = null): Promise<CreateKeyOutput> {
  const nowMs = ctx.now();
  requireExpiry(nowMs, input.expires_at);
  const { queues = null, kinds = null, sees_payloads = true } = input;
  if (input.role === 'admin' && (queues !== null || kinds !== null || !sees_payloads))
    throw new AppError('VALIDATION', 'role: an administrator cannot be limited; choose another role for a limited key', {
      issues: [{ path: 'role', message: 'must not be admin for a limited key' }],
    });
  const expires = { expires_at: input.expires_at ?? null };
  return insertKey(ctx.database.db, {
    id: newId('key', nowMs),
    name: input.name,
    role: input.role,
    queues,
    kinds,
    sees_payloads,
    created_by: createdBy,
    ...expires,
  });
}
