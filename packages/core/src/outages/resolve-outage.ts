import { sql } from 'kysely';
import { dropNotices, queueRecovery, DELIVERIES_TOPIC } from '../alerts/index.ts';
import { AppError, notFound } from '../errors.ts';
import { appendEvent } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Outage } from './contract.ts';
import { getOutage } from './list-outages.ts';
import { writeEdit } from './move-monitor.ts';

/**
 * Ends an outage by hand. The monitor's state is unknown until its next run: a pass goes on as usual, failures that the policy
 * confirms open the outage again within `reopen_within_seconds`, and another one after that. Resolving again changes nothing.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION for one that a pass has ended
 */
export async function resolveOutage(ctx: CoreContext, input: { id: string }, actor: string): Promise<Outage> {
  const { db } = ctx.database;
  const known = await db.selectFrom('outage').select('test_id').where('id', '=', input.id).executeTakeFirst();
  if (known === undefined) throw notFound('outage', input.id);
  const testId = known.test_id;
  await db.transaction().execute(async (tx) => {
    // In the order in which runs are recorded: the state first.
    await tx.selectFrom('monitor_state').select('test_id').where('test_id', '=', testId).forUpdate().execute();
    const row = await tx.selectFrom('outage').selectAll().where('id', '=', input.id).forUpdate().executeTakeFirst();
    if (row === undefined) throw notFound('outage', input.id);
    if (row.resolution === 'manual') return;
    if (row.status === 'resolved')
      throw new AppError('INVALID_TRANSITION', 'This outage is over.', { data: { from: 'resolved', to: 'resolved' } });
    const ended = await tx
      .updateTable('outage')
      .set({ status: 'resolved', resolution: 'manual', resolved_by: actor, resolved_at: sql<string>`greatest(opened_at, now())` })
      .where('id', '=', input.id)
      .returning('resolved_at')
      .executeTakeFirstOrThrow();
    await tx.updateTable('monitor_state').set({ side: null, recent: '[]' }).where('test_id', '=', testId).execute();
    const from = Date.parse(ended.resolved_at ?? row.opened_at);
    await writeEdit(tx, testId, { from, segments: [{ state: 'unknown', from, to: null }] });
    if (row.is_suppressed) await dropNotices(tx, { outage_id: input.id, kind: 'opened' });
    await queueRecovery(tx, { id: input.id, test_id: testId, seq: row.reopen_count }, ctx.now());
    await appendEvent(tx, 'monitors', [
      { type: 'outage.resolved', id: input.id, test_id: testId, opened_at: row.opened_at, resolved_at: ended.resolved_at, by: actor },
    ]);
  });
  ctx.hub.publish(['monitors', DELIVERIES_TOPIC]);
  return getOutage(ctx, input);
}
