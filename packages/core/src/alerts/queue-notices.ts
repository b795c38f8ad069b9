import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newId } from '../ids.ts';
import type { NoticeKind } from './contract.ts';

/** About an outage of a monitor, or about an alert of a threshold. */
export interface NoticeRequest {
  readonly outage_id?: string;
  readonly test_id?: string;
  readonly alert_id?: string;
  readonly kind: NoticeKind;
  readonly channel_ids: readonly string[];
  /** Tells repetitions of a kind apart; 0 for what is told once. */
  readonly seq?: number;
  /** Not sent before; it may be taken back until then. */
  readonly wait_ms?: number;
}

/** Topic on which the dispatcher hears of new deliveries. */
export const DELIVERIES_TOPIC = 'deliveries';

/**
 * Puts a notice into the ledger, once per outage or alert, kind, channel and number, in the transaction that makes it true. Channels that
 * do not exist (any more) or are switched off are left out.
 */
export async function queueNotices(tx: Transaction<Database>, request: NoticeRequest, nowMs: number): Promise<number> {
  if (request.channel_ids.length === 0) return 0;
  const channels = await tx
    .selectFrom('channel')
    .select('id')
    .where('id', 'in', [...request.channel_ids])
    .where('is_enabled', '=', true)
    .orderBy('id')
    .execute();
  if (channels.length === 0) return 0;
  const queued = await tx
    .insertInto('delivery')
    .values(
      channels.map(({ id }) => ({
        id: newId('dlv', nowMs),
        channel_id: id,
        outage_id: request.outage_id ?? null,
        test_id: request.test_id ?? null,
        alert_id: request.alert_id ?? null,
        kind: request.kind,
        seq: request.seq ?? 0,
        status: 'queued' as const,
        next_try_at: sql<string>`now() + ${`${request.wait_ms ?? 0} ms`}::interval`,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  return queued.length;
}

/**
 * Tells of a recovery every channel that was told of the outage. A channel whose first notice still waits hears both in that one:
 * a delivery is written from the outage as it is when it is sent.
 */
export async function queueRecovery(
  tx: Transaction<Database>,
  outage: { id: string; test_id: string; seq: number; wait_ms?: number },
  nowMs: number,
): Promise<number> {
  const told = await tx
    .selectFrom('delivery')
    .select('channel_id')
    .distinct()
    .where('outage_id', '=', outage.id)
    .where('kind', '=', 'opened')
    .where('status', '=', 'delivered')
    .execute();
  const request = {
    outage_id: outage.id,
    test_id: outage.test_id,
    kind: 'resolved' as const,
    channel_ids: told.map((row) => row.channel_id),
    seq: outage.seq,
    wait_ms: outage.wait_ms ?? 0,
  };
  return queueNotices(tx, request, nowMs);
}

/** The same of an alert that is over. */
export async function queueAlertEnd(tx: Transaction<Database>, alertId: string, nowMs: number): Promise<number> {
  const told = await tx
    .selectFrom('delivery')
    .select('channel_id')
    .distinct()
    .where('alert_id', '=', alertId)
    .where('kind', 'in', ['opened', 'escalated'])
    .where('status', '=', 'delivered')
    .execute();
  return queueNotices(tx, { alert_id: alertId, kind: 'resolved', channel_ids: told.map((row) => row.channel_id) }, nowMs);
}
