import type { CoreContext } from '../ports/index.ts';
import type { NetworkSettings } from './contract.ts';

export const SETTING = 'network';

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** What administrators decided; empty lists when nobody did. */
export async function readNetwork(ctx: Pick<CoreContext, 'database'>): Promise<NetworkSettings> {
  const row = await ctx.database.db.selectFrom('setting').select('value').where('key', '=', SETTING).executeTakeFirst();
  return { allow: texts(row?.value['allow']), cors_origins: texts(row?.value['cors_origins']) };
}
