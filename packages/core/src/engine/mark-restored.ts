import { sql } from 'kysely';
import { systemEntry } from '../audit/index.ts';
import { queueOf } from '../platforms/index.ts';
import type { PlatformKey } from '../platforms/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import { pauseQueue } from '../queues/index.ts';

/** More leases than a workload is given between a backup and its restore. */
const EPOCH_LEAP = 1_000_000;

export interface Restored {
  readonly log_epoch: string;
  /** Platforms with publications that may be out already, in no order. */
  readonly paused_platforms: readonly PlatformKey[];
}

/**
 * Makes a restored database a new one for whoever knows more than it does: the log gets another identity, so that no place of before is
 * taken for one of now; every lease of before, given after the backup or not, is stale; and platforms with open publications are paused,
 * since they may have gone out after the backup. For a database that no server uses. Doing it again changes only the identities again.
 */
export async function markRestored(ctx: CoreContext): Promise<Restored> {
  const restored = await ctx.database.db.transaction().execute(async (tx) => {
    const { rows: epochs } = await sql<{ log_epoch: string }>`
      update setting set value = to_jsonb(substr(md5(random()::text || clock_timestamp()::text), 1, 8)), updated_at = now()
      where key = 'log_epoch' returning value #>> '{}' as log_epoch`.execute(tx);
    await sql`update workload set lease_epoch = lease_epoch + ${EPOCH_LEAP} where status <> 'completed'`.execute(tx);
    await sql`update lease set lease_epoch = lease_epoch + ${EPOCH_LEAP}`.execute(tx);
    await sql`update lease_grant set epochs = array(
      select e + ${EPOCH_LEAP}::int from unnest(epochs) with ordinality as u(e, at) order by at)`.execute(tx);
    const { rows: platforms } = await sql<{ key: PlatformKey }>`
      update platform set is_paused = true, updated_at = now()
      where not is_paused and exists (select from publication p where p.platform_key = platform.key and p.status in ('pending', 'scheduled'))
      returning key`.execute(tx);
    return { log_epoch: epochs[0]?.log_epoch ?? '', paused_platforms: platforms.map(({ key }) => key) };
  });
  for (const key of restored.paused_platforms) await pauseQueue(ctx, { name: queueOf(key) });
  const changes = { log_epoch: [null, restored.log_epoch], paused: [null, restored.paused_platforms] } as const;
  await ctx.audit.record(systemEntry({ action: 'system.restored', target: 'database', changes, reason: 'A backup was restored.' }));
  return restored;
}
