import type { CoreContext, GroupKind, Statement, Writer } from '../ports/index.ts';
import { insertLeases, markLeased } from './give-rows.ts';

/** Claims younger than this are left alone: most of their jobs are over before the next look. Far below the lease time. */
export const GRANT_AGE_MS = 2000;
/** Claims a statement settles at most, of up to a thousand jobs each. */
const GRANTS = 20;

/** $1 slot (unused), $2 age in ms, $3 how many. Removes grants and gives what of them still runs a lease row. */
export const SETTLE: Statement = {
  name: 'settle_grants',
  text: `
with old as (
  delete from lease_grant where id = any (array(
    select id from lease_grant where granted_at <= now() - $2::int * interval '1 ms' and $1::int is not null order by id limit $3::int for update skip locked))
  returning workload_ids, epochs
), flat as materialized (
  select array_agg(r.id order by r.id collate "C") as ids, array_agg(r.epoch order by r.id collate "C") as epochs
  from old cross join lateral unnest(old.workload_ids, old.epochs) as r(id, epoch)
), marked as (
  ${markLeased('unnest((select ids from flat), (select epochs from flat)) as i(id, epoch)')}
), given as (${insertLeases('marked')})
select count(*)::int as grants from old`,
};

const SETTLE_KIND: GroupKind<{ readonly older_than_ms: number }, number> = {
  name: 'settle_grants',
  maxRows: 1,
  rows: () => 1,
  async write(writer: Writer, [ask]) {
    const [row] = await writer.run<{ grants: number }>(SETTLE, [writer.slot, ask?.older_than_ms ?? 0, GRANTS]);
    return [row?.grants ?? 0];
  },
};

/** Gives every job of older claims that still runs a lease row: from then on its lease can be renewed, swept and counted there. */
export async function settleGrants(ctx: Pick<CoreContext, 'commits'>, olderThanMs = GRANT_AGE_MS): Promise<void> {
  while ((await ctx.commits.submit(SETTLE_KIND, { older_than_ms: olderThanMs })) === GRANTS);
}
