import { sql, type Transaction } from 'kysely';
import { systemEntry } from '../audit/index.ts';
import type { Database } from '../db/schema.ts';
import type { CoreContext } from '../ports/index.ts';
import { pauseQueue } from '../queues/index.ts';
import type { PlatformKey } from './contract.ts';
import { queueOf } from './platform-row.ts';

/**
 * Pauses a platform whose receiver says that it is gone for good, until a person sets it up again. True when this call did it;
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
  return numUpdatedRows > 0n;
}

/** What follows the commit that paused it: nothing of its queue starts, and the audit log says why. */
export async function tellSwitchedOff(ctx: CoreContext, key: PlatformKey): Promise<void> {
  ctx.log.warn({ platform: key }, 'a platform was paused: its receiver is gone');
  await pauseQueue(ctx, { name: queueOf(key) });
  await ctx.audit.record(
    systemEntry({ action: 'publishing.platforms.set', target: key, changes: { paused: [false, true] }, reason: GONE }),
  );
}

const GONE = 'Its receiver answered 410.';
