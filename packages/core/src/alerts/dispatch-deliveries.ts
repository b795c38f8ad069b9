import { sql, type Transaction } from 'kysely';
import { recordAuditIn, systemEntry } from '../audit/index.ts';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { CoreContext, Notice, NoticeSender, OutgoingNotice, SendOutcome } from '../ports/index.ts';
import { resolveSecrets } from '../secrets/index.ts';
import { alertNotice, readAlert } from './alert-notice.ts';
import type { ChannelType, NoticeKind } from './contract.ts';
import { endHold } from './hold-notices.ts';
import { noticeOf, testNotice } from './notice-of.ts';
import { queueAlertEnd, queueRecovery } from './queue-notices.ts';

const BATCH = 20;
const LEASE_MS = 60_000;
/** The dispatcher gives up a try well before its lease is over, so that no two servers send one notice at a time. */
const TRY_MS = 30_000;
/** Waits after the first tries; the last one repeats. */
const WAITS_MS = [5000, 15_000, 30_000, 60_000, 120_000, 300_000] as const;
const GIVE_UP_MS = 24 * 3_600_000;

interface Leased {
  id: string;
  channel_id: string;
  outage_id: string | null;
  test_id: string | null;
  alert_id: string | null;
  kind: NoticeKind;
  attempts: number;
  created_at: string;
  age_ms: number;
}

/** Takes what is due, and what a server took that went away. A notice may reach its receiver twice then, under one id. */
async function lease(ctx: CoreContext): Promise<Leased[]> {
  const { rows } = await sql<Leased>`
    update delivery set status = 'sending', leased_until = now() + ${`${LEASE_MS} ms`}::interval, next_try_at = null, attempts = attempts + 1
    where id in (
      select id from delivery where (status = 'queued' and next_try_at <= now()) or (status = 'sending' and leased_until < now())
      order by id limit ${BATCH} for update skip locked)
    returning id, channel_id, outage_id, test_id, alert_id, kind, attempts, created_at,
      (extract(epoch from now() - created_at) * 1000)::float8 as age_ms`.execute(ctx.database.db);
  return rows;
}

interface Prepared {
  readonly channel_type: ChannelType;
  readonly config: unknown;
  /** The same as it is stored. */
  readonly stored_config: string;
  readonly notice: Notice;
  readonly was_open: boolean;
}

/** The notice as it reads now; null when its channel was switched off or its subject is gone. */
async function prepare(ctx: CoreContext, delivery: Leased): Promise<Prepared | null> {
  const { db } = ctx.database;
  const channel = await db.selectFrom('channel').selectAll().where('id', '=', delivery.channel_id).executeTakeFirst();
  if (channel === undefined || (!channel.is_enabled && delivery.kind !== 'test')) return null;
  const to = { channel_type: channel.type, config: JSON.parse(channel.config) as unknown, stored_config: channel.config };
  if (delivery.alert_id !== null) {
    const about = await readAlert(ctx, delivery.alert_id);
    return about && { ...to, notice: alertNotice(about, delivery.kind), was_open: about.resolved_at === null };
  }
  if (delivery.outage_id === null) return { ...to, notice: testNotice(channel, delivery.created_at), was_open: false };
  const outage = await db.selectFrom('outage').selectAll().where('id', '=', delivery.outage_id).executeTakeFirst();
  const monitor = await db.selectFrom('monitor').select(['id', 'name', 'url']).where('id', '=', delivery.test_id).executeTakeFirst();
  if (outage === undefined || monitor === undefined) return null;
  return { ...to, notice: noticeOf({ kind: delivery.kind, outage, monitor }), was_open: outage.resolved_at === null };
}

/** Tells of an alert's end when it came while its notice was on the way. */
async function endAlert(ctx: CoreContext, tx: Transaction<Database>, id: string): Promise<void> {
  const alert = await tx.selectFrom('publishing_alert').select('resolved_at').where('id', '=', id).forUpdate().executeTakeFirst();
  if (alert !== undefined && alert.resolved_at !== null) await queueAlertEnd(tx, id, ctx.now());
}

/** Marks it delivered. When the outage ended while its first notice was on the way, the recovery is told, too. */
async function delivered(ctx: CoreContext, delivery: Leased, wasOpen: boolean): Promise<void> {
  await ctx.database.db.transaction().execute(async (tx) => {
    const done = await tx
      .updateTable('delivery')
      .set({ status: 'delivered', delivered_at: sql<string>`now()`, leased_until: null, last_error: null })
      .where('id', '=', delivery.id)
      .where('status', '=', 'sending')
      .where('attempts', '=', delivery.attempts)
      .returning('id')
      .executeTakeFirst();
    if (done === undefined || !wasOpen) return;
    if (delivery.alert_id !== null) return endAlert(ctx, tx, delivery.alert_id);
    if (delivery.kind !== 'opened' || delivery.outage_id === null) return;
    const outage = await tx
      .selectFrom('outage')
      .select(['id', 'test_id', 'resolved_at', 'reopen_count'])
      .where('id', '=', delivery.outage_id)
      .forUpdate()
      .executeTakeFirst();
    if (outage === undefined || outage.resolved_at === null) return;
    await queueRecovery(tx, { id: outage.id, test_id: outage.test_id, seq: outage.reopen_count }, ctx.now());
  });
}

/** Switches a channel off that is still as it was stored, and says so in the audit log. True when this call did it. */
async function switchOff(tx: Transaction<Database>, about: { channelId: string; config: string; reason: string }): Promise<boolean> {
  const { channelId: target, config, reason } = about;
  const { numUpdatedRows } = await tx
    .updateTable('channel')
    .set({ is_enabled: false, updated_at: sql<string>`now()` })
    .where('id', '=', target)
    .where('is_enabled', '=', true)
    .where('config', '=', config)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await recordAuditIn(tx, systemEntry({ action: 'channels.update', target, changes: { is_enabled: [true, false] }, reason }));
  return true;
}

type Refused = Extract<SendOutcome, { ok: false }>;

/**
 * A receiver that is gone for good gets nothing more, until a person switches its channel on again. When the channel was changed
 * while the notice was on the way, the answer was not about what it is now: the notice is tried again.
 */
async function heedGone(ctx: CoreContext, delivery: Leased, about: { config: string; refused: Refused }): Promise<Refused> {
  const { refused, config } = about;
  if (refused.is_gone !== true) return refused;
  const channelId = delivery.channel_id;
  const isSwitched = await ctx.database.db.transaction().execute((tx) => switchOff(tx, { channelId, config, reason: refused.error }));
  if (isSwitched) ctx.log.warn({ channel: channelId }, 'a channel was switched off: its receiver is gone');
  const channel = await ctx.database.db.selectFrom('channel').select('config').where('id', '=', channelId).executeTakeFirst();
  if (channel !== undefined && channel.config !== config) return { ...refused, is_final: false };
  return { ...refused, error: `${refused.error} The channel is switched off.` };
}

async function undelivered(ctx: CoreContext, delivery: Leased, outcome: Refused): Promise<void> {
  const wait = outcome.retry_after_ms ?? WAITS_MS[Math.min(delivery.attempts, WAITS_MS.length) - 1] ?? 0;
  const isFinal = outcome.is_final || delivery.age_ms > GIVE_UP_MS;
  await ctx.database.db
    .updateTable('delivery')
    .set({
      status: isFinal ? 'failed' : 'queued',
      leased_until: null,
      next_try_at: isFinal ? null : sql<string>`now() + ${`${Math.min(wait, 3_600_000)} ms`}::interval`,
      last_error: outcome.error.slice(0, 1000),
    })
    .where('id', '=', delivery.id)
    .where('status', '=', 'sending')
    .where('attempts', '=', delivery.attempts)
    .execute();
  ctx.log.warn(
    { delivery: delivery.id, attempts: delivery.attempts, error: outcome.error },
    isFinal ? 'a notice could not be delivered' : 'a notice will be tried again',
  );
}

/** Whether a first notice may go now. One that its parent covers by now leaves the ledger. */
async function mayGo(ctx: CoreContext, delivery: Leased): Promise<boolean> {
  const { outage_id: outageId, kind } = delivery;
  if (kind !== 'opened' || outageId === null) return true;
  return ctx.database.db.transaction().execute(async (tx) => {
    if (await endHold(tx, outageId)) return true;
    await tx.deleteFrom('delivery').where('id', '=', delivery.id).where('attempts', '=', delivery.attempts).execute();
    return false;
  });
}

/** Secrets are filled in for this one try and kept nowhere. */
async function send(ctx: CoreContext, sender: NoticeSender, outgoing: OutgoingNotice): Promise<SendOutcome> {
  try {
    const config = await resolveSecrets(ctx, outgoing.config);
    return await sender.send({ ...outgoing, config }, AbortSignal.timeout(TRY_MS));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ok: false, error: error.message, is_final: false, retry_after_ms: null };
  }
}

async function dispatchOne(ctx: CoreContext, sender: NoticeSender, delivery: Leased): Promise<void> {
  if (!(await mayGo(ctx, delivery))) return;
  const prepared = await prepare(ctx, delivery);
  const gone: SendOutcome = {
    ok: false,
    error: 'The channel is switched off, or what it was about is gone.',
    is_final: true,
    retry_after_ms: null,
  };
  const outcome = prepared === null ? gone : await send(ctx, sender, { id: delivery.id, ...prepared });
  if (outcome.ok) await delivered(ctx, delivery, prepared?.was_open ?? false);
  else if (prepared === null) await undelivered(ctx, delivery, outcome);
  else await undelivered(ctx, delivery, await heedGone(ctx, delivery, { config: prepared.stored_config, refused: outcome }));
}

/**
 * Sends every notice that is due, each by one server. What fails is tried again for a day, with growing waits; the ledger keeps
 * how often, why not, and when it arrived.
 */
export async function dispatchDeliveries(ctx: CoreContext, sender: NoticeSender): Promise<void> {
  for (;;) {
    const leased = await lease(ctx);
    await Promise.all(leased.map((delivery) => dispatchOne(ctx, sender, delivery)));
    if (leased.length > 0) ctx.hub.publish(['monitors']);
    if (leased.length < BATCH) return;
  }
}

/** Milliseconds until the next notice is due or a lease of one ends; null when none waits. */
export async function nextDeliveryMs(ctx: CoreContext): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(coalesce(next_try_at, leased_until)) - now()) * 1000)::float8 as ms
    from delivery where status in ('queued', 'sending')`.execute(ctx.database.db);
  return rows[0]?.ms ?? null;
}
