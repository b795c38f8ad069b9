import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';

/** Published when keys, people or sessions changed. */
export const ACCESS_TOPIC = 'access';

/** Another text as soon as somebody may have gained or lost access: something was changed through the API, a key or session ran out. */
export async function readAccessVersion(ctx: CoreContext): Promise<string> {
  const { rows } = await sql<{ version: string }>`
    select concat_ws(' ', (select position from audit_head), (select count(*) from api_key where expires_at <= now()),
      (select count(*) from user_session where expires_at <= now())) as version`.execute(ctx.database.db);
  return rows[0]?.version ?? '';
}
