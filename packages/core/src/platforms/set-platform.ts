import { sql, type Selectable } from 'kysely';
import type { PlatformTable } from '../db/publishing-tables.ts';
import type { CoreContext } from '../ports/index.ts';
import { pauseQueue, resumeQueue, setQueue } from '../queues/index.ts';
import { newWebhookSecret, previousOf } from '../sign-webhook.ts';
import type { Platform, SetPlatformInput } from './contract.ts';
import { queueOf, toPlatform } from './platform-row.ts';

async function writePlatform(ctx: CoreContext, input: SetPlatformInput, made: string): Promise<Selectable<PlatformTable>> {
  const { platform: key, paused, secret, ...settings } = input;
  return ctx.database.db.transaction().execute(async (tx) => {
    const before = await tx
      .selectFrom('platform')
      .select(['secret', 'previous_secret', 'previous_secret_until'])
      .where('key', '=', key)
      .forUpdate()
      .executeTakeFirst();
    const secrets = secret === undefined ? {} : { secret, ...previousOf(before ?? {}, secret, ctx.now()) };
    return tx
      .insertInto('platform')
      .values({ key, ...settings, is_paused: paused, secret: secret ?? made })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({ ...settings, is_paused: paused, updated_at: sql<string>`now()`, ...secrets }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/**
 * Says how a platform is reached, all of it at once; only the secret stays when it is left out. Its limits become those of the
 * queue `publish:<platform>`. A secret that was made up is in this answer and never again; one that is replaced signs for a day more.
 */
export async function setPlatform(ctx: CoreContext, input: SetPlatformInput): Promise<Platform> {
  const { platform: key, paused } = input;
  const made = newWebhookSecret();
  const row = await writePlatform(ctx, input, made);
  const name = queueOf(key);
  await setQueue(ctx, {
    name,
    concurrency: input.concurrency,
    key_concurrency: input.account_concurrency,
    rate_per_minute: input.rate_per_minute,
  });
  await (paused ? pauseQueue(ctx, { name }) : resumeQueue(ctx, { name }));
  ctx.hub.publish(['publish_queue']);
  const isMadeUp = row.secret === made;
  return { ...toPlatform(key, row), ...(isMadeUp ? { secret: made } : {}) };
}
