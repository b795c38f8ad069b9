import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { NetworkSettings } from './contract.ts';
import { readNetwork, SETTING } from './read-network.ts';

/** Replaces both lists; every server follows within two seconds. */
export async function setNetwork(ctx: Pick<CoreContext, 'database'>, input: NetworkSettings): Promise<NetworkSettings> {
  await sql`insert into setting (key, value) values (${SETTING}, ${JSON.stringify(input)}::jsonb)
    on conflict (key) do update set value = excluded.value, updated_at = now()`.execute(ctx.database.db);
  return readNetwork(ctx);
}
