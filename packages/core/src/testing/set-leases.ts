import { sql, type RawBuilder } from 'kysely';
import type { Core } from '../engine/index.ts';
import { SETTLE, settleGrants } from '../leases/index.ts';

/** For a connection of one's own: gives every open lease a row. */
export const SETTLE_ALL = { text: SETTLE.text, values: [0, 0, 1_000_000] } as const;

/** Changes every open lease, those without a row included, as time or a fault would: `set` as in an update of `lease`. */
export async function setLeases(core: Core, set: RawBuilder<unknown>, of: RawBuilder<unknown> = sql`true`): Promise<void> {
  await settleGrants(core, 0);
  await sql`update lease set ${set} where ${of}`.execute(core.database.db);
}
