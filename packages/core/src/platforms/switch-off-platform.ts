import { sql, type Transaction } from 'kysely';
import { recordAuditIn, systemEntry } from '../audit/index.ts';
import type { Database } from '../db/schema.ts';
import type { CoreContext } from '../ports/index.ts';
import { pauseQueue } from '../queues/index.ts';
import type { PlatformKey } from './contract.ts';
import { queueOf } from './platform-row.ts';

const GONE = 'Its receiver answered 410.';

/**
 * Pauses a platform whose receiver says that it is gone for good, until a person sets it up again, and says so in the audit log. True when this call did it;
 * false when it is paused already, or was set up anew after the request went out.
 */
export async function switchOffPlatform(tx: Transaction<Database>, about: { key: PlatformKey; sent_at: string }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('platform')
    .set({ is_paused: true, updated_at: sql<string>`now()` })
    .where('key', '=', about.key)
    .where('is_paused', '=', false)
    // Times are told to the millisecond.
    .where('updated_at', '<', sql<string>`${about.sent_at}::timestamptz + interval '1 ms'`)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  const changes = { paused: [false, true] } as const;
  await recordAuditIn(tx, systemEntry({ action: 'publishing.platforms.set', target: about.key, changes, reason: GONE }));
  return true;
}

/** What follows the commit that paused it: nothing of its queue starts. */
export async function tellSwitchedOff(ctx: CoreContext, key: PlatformKey): Promise<void> {
  ctx.log.warn({ platform: key }, 'a platform was paused: its receiver is gone');
  await pauseQueue(ctx, { name: queueOf(key) });
}
