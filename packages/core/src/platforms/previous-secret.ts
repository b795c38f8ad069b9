import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { canOverlap, SECRET_OVERLAP_MS } from '../sign-webhook.ts';
import type { PlatformKey } from './contract.ts';

/** Start of the key under which the settings keep the secret a platform had before, `{ secret, until }`; its end is the platform's. */
export const PREVIOUS_SECRET = 'platform_previous_secret.';

/** Keeps a secret that was replaced for as long as receivers need to learn the new one; the one replaced before it is dropped. */
export async function keepPreviousSecret(tx: Transaction<Database>, key: PlatformKey, secret: string): Promise<void> {
  const name = PREVIOUS_SECRET + key;
  if (!canOverlap(secret)) {
    await tx.deleteFrom('setting').where('key', '=', name).execute();
    return;
  }
  await sql`insert into setting (key, value)
    values (${name}, jsonb_build_object('secret', ${secret}::text, 'until', now() + ${`${SECRET_OVERLAP_MS} ms`}::interval))
    on conflict (key) do update set value = excluded.value, updated_at = now()`.execute(tx);
}
