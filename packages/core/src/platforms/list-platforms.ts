import type { CoreContext } from '../ports/index.ts';
import { type Platform, PLATFORM_KEYS, type PlatformKey } from './contract.ts';
import { toPlatform } from './platform-row.ts';

/** All four platforms, those never set up included. */
export async function listPlatforms(ctx: CoreContext): Promise<{ items: Platform[]; next_cursor: null }> {
  const rows = await ctx.database.db.selectFrom('platform').selectAll().execute();
  return {
    items: PLATFORM_KEYS.map((key) =>
      toPlatform(
        key,
        rows.find((row) => row.key === key),
      ),
    ),
    next_cursor: null,
  };
}

/** One of the four platforms; never absent. */
export async function getPlatform(ctx: CoreContext, input: { platform: PlatformKey }): Promise<Platform> {
  const row = await ctx.database.db.selectFrom('platform').selectAll().where('key', '=', input.platform).executeTakeFirst();
  return toPlatform(input.platform, row);
}
