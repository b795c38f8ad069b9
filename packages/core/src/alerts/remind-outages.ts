import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { AlertPolicy } from '../monitors/contract.ts';
import { DELIVERIES_TOPIC, queueNotices } from './queue-notices.ts';

interface Overdue {
  id: string;
  test_id: string;
  alert: unknown;
  seq: number;
}

/**
 * Queues the reminders that are due: one per outage and period while it is open, not acknowledged, muted, held or suppressed. The number
 * of the period makes each of them unique, whoever counts.
 */
export async function remindOutages(ctx: CoreContext): Promise<void> {
  const { rows } = await sql<Overdue>`
    select o.id, o.test_id, m.alert, floor(extract(epoch from now() - o.confirmed_at) / (60 * (m.alert ->> 'remind_every_minutes')::int))::int as seq
    from outage o join monitor m on m.id = o.test_id
    where o.status = 'open' and not o.is_suppressed and o.held_until is null and m.status = 'active' and (o.muted_until is null or o.muted_until <= now())
      and m.alert ->> 'remind_every_minutes' is not null
      and o.confirmed_at <= now() - make_interval(mins => (m.alert ->> 'remind_every_minutes')::int)`.execute(ctx.database.db);
  let queued = 0;
  for (const row of rows) {
    const { channel_ids } = AlertPolicy.parse(row.alert);
    const request = { outage_id: row.id, test_id: row.test_id, kind: 'reminder' as const, channel_ids, seq: row.seq };
    queued += await ctx.database.db.transaction().execute((tx) => queueNotices(tx, request, ctx.now()));
  }
  if (queued > 0) ctx.hub.publish([DELIVERIES_TOPIC]);
}
