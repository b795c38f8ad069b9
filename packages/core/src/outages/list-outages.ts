import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import { AppError, notFound } from '../errors.ts';
import { appendEvent } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ListOutagesInput, ListOutagesOutput, MuteOutageInput, Outage } from './contract.ts';

/** What somebody known by id is called: a person, or a key. */
function nameOf(id: string) {
  return sql<string | null>`coalesce((select coalesce(u.name, u.email) from user_account u where u.id = ${sql.ref(id)}),
    (select k.name from api_key k where k.id = ${sql.ref(id)}))`;
}

function selectOutages(ctx: CoreContext) {
  return ctx.database.db
    .selectFrom('outage')
    .innerJoin('monitor', 'monitor.id', 'outage.test_id')
    .leftJoin('run as recovery', 'recovery.run_id', 'outage.recovery_run_id')
    .selectAll('outage')
    .select(['monitor.name as test_name', 'recovery.started_at as recovered_at'])
    .select([nameOf('outage.acknowledged_by').as('acknowledged_by_name'), nameOf('outage.resolved_by').as('resolved_by_name')])
    .select((select) =>
      select
        .exists(
          select
            .selectFrom('delivery')
            .select('delivery.id')
            .whereRef('delivery.outage_id', '=', 'outage.id')
            .where('delivery.status', '=', 'delivered'),
        )
        .as('alert_sent'),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof selectOutages>['executeTakeFirstOrThrow']>>;

function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

function toOutage(row: Row): Outage {
  const { last_failed_at, last_passed_at, recovered_at, alert_sent, ...fields } = row;
  return {
    ...fields,
    duration_ms: between(row.opened_at, row.resolved_at),
    down_min_ms: between(row.opened_at, last_failed_at) ?? 0,
    down_max_ms: between(last_passed_at, recovered_at ?? row.resolved_at),
    alert_sent: alert_sent === true,
  };
}

/** Outages, newest first; of one monitor when asked. @throws {AppError} NOT_FOUND for a monitor that does not exist */
export async function listOutages(ctx: CoreContext, input: ListOutagesInput): Promise<ListOutagesOutput> {
  if (input.test_id !== undefined) {
    const monitor = await ctx.database.db.selectFrom('monitor').select('id').where('id', '=', input.test_id).executeTakeFirst();
    if (monitor === undefined) throw notFound('monitor', input.test_id);
  }
  let query = selectOutages(ctx)
    .orderBy('outage.id', 'desc')
    .limit(input.limit + 1);
  if (input.test_id !== undefined) query = query.where('outage.test_id', '=', input.test_id);
  if (input.status !== undefined) query = query.where('outage.status', '=', input.status);
  if (input.cursor !== undefined) query = query.where('outage.id', '<', decodeCursor('outages', input.cursor));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map(toOutage),
    next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('outages', last.id) : null,
  };
}

/** One outage. @throws {AppError} NOT_FOUND */
export async function getOutage(ctx: CoreContext, input: { id: string }): Promise<Outage> {
  const row = await selectOutages(ctx).where('outage.id', '=', input.id).executeTakeFirst();
  if (row === undefined) throw notFound('outage', input.id);
  return toOutage(row);
}

/**
 * Says that somebody takes care: reminders stop, the recovery is still told. Acknowledging again changes nothing.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION for one that is resolved
 */
export async function acknowledgeOutage(ctx: CoreContext, input: { id: string }, actor: string): Promise<Outage> {
  await ctx.database.db.transaction().execute(async (tx) => {
    const row = await tx.selectFrom('outage').select(['status', 'test_id']).where('id', '=', input.id).forUpdate().executeTakeFirst();
    if (row === undefined) throw notFound('outage', input.id);
    if (row.status === 'resolved') {
      throw new AppError('INVALID_TRANSITION', 'This outage is over.', { data: { from: 'resolved', to: 'acknowledged' } });
    }
    if (row.status === 'acknowledged') return;
    await tx
      .updateTable('outage')
      .set({ status: 'acknowledged', acknowledged_at: sql<string>`now()`, acknowledged_by: actor })
      .where('id', '=', input.id)
      .execute();
    await appendEvent(tx, 'monitors', [{ type: 'outage.acknowledged', id: input.id, test_id: row.test_id, by: actor }]);
  });
  ctx.hub.publish(['monitors']);
  return getOutage(ctx, input);
}

/** Holds back reminders until a time; null ends it. @throws {AppError} NOT_FOUND */
export async function muteOutage(ctx: CoreContext, input: MuteOutageInput): Promise<Outage> {
  await ctx.database.db.updateTable('outage').set({ muted_until: input.until }).where('id', '=', input.id).execute();
  ctx.hub.publish(['monitors']);
  return getOutage(ctx, { id: input.id });
}
