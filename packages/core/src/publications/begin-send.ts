import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { giveLeaseRow } from '../leases/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { resolveSecrets } from '../secrets/index.ts';
import { signingSecrets, webhookHeaders } from '../sign-webhook.ts';
import { closeAttempt } from './attempts.ts';
import { type BeginSendInput, type BeginSendOutput, PublishPayload } from './contract.ts';
import { movePublications, PUBLICATIONS_TOPIC, QUEUE_TOPIC } from './move-publications.ts';
import { lockPublications, toPublication, type LockedRow } from './publication-row.ts';
import { attemptKey } from './start-attempts.ts';

const OVER: BeginSendOutput = { decision: 'over' };

/** @throws {AppError} LEASE_STALE when the caller does not hold the job. */
async function lockJob(tx: Transaction<Database>, input: BeginSendInput): Promise<PublishPayload> {
  await giveLeaseRow(tx, input.job_id);
  const lease = await tx
    .selectFrom('lease')
    .innerJoin('workload', 'workload.id', 'lease.workload_id')
    .select(['workload.payload', 'lease.lease_epoch'])
    .where('lease.workload_id', '=', input.job_id)
    .forShare('lease')
    .executeTakeFirst();
  if (lease === undefined || lease.lease_epoch !== input.lease_epoch) {
    const data = { reason: lease === undefined ? 'not_leased' : 'epoch', current_epoch: lease?.lease_epoch ?? null };
    throw new AppError('LEASE_STALE', `Job ${input.job_id} is not held with the epoch ${input.lease_epoch}: do not send anything.`, {
      data,
    });
  }
  const payload = PublishPayload.safeParse(JSON.parse(lease.payload));
  if (!payload.success)
    throw new AppError('VALIDATION', 'job_id: is no publication', { issues: [{ path: 'job_id', message: 'is no publication' }] });
  return payload.data;
}

interface Target {
  url: string;
  secret: string;
  previous_secret: string | null;
  previous_secret_until: string | null;
  timeout_ms: number;
  honours_idempotency_key: boolean;
  is_open: boolean;
}

/** Where it goes, and whether platform, account and campaign still let it. */
async function readTarget(tx: Transaction<Database>, row: LockedRow): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select f.url, f.secret, f.previous_secret, f.previous_secret_until, f.timeout_ms, f.honours_idempotency_key,
      not f.is_paused and a.status = 'active' and (a.not_before is null or a.not_before <= now()) and coalesce(c.status, 'active') = 'active' as is_open
    from platform f join social_account a on a.platform_key = f.key and a.id = ${row.social_account_id}
      left join campaign c on c.id = ${row.campaign_id} where f.key = ${row.platform_key}`.execute(tx);
  return rows[0];
}

async function hold(tx: Transaction<Database>, row: LockedRow): Promise<BeginSendOutput> {
  const error = 'Its platform, account or campaign was paused before it was sent.';
  await closeAttempt(tx, { publication_id: row.id, attempt: row.attempt, outcome: 'cancelled', http_status: null, error });
  await movePublications(tx, [{ row, to: 'pending', sub: null, by: 'hold' }]);
  return OVER;
}

async function requestOf(ctx: CoreContext, tx: Transaction<Database>, about: { row: LockedRow; target: Target }): Promise<BeginSendOutput> {
  const { row, target } = about;
  const clip = await tx.selectFrom('clip').selectAll().where('id', '=', row.clip_id).executeTakeFirstOrThrow();
  const video = await tx.selectFrom('video').selectAll().where('id', '=', clip.video_id).executeTakeFirstOrThrow();
  const { wait_reason: _reason, ...publication } = toPublication(row);
  const secret = await resolveSecrets(ctx, target.secret, tx);
  const secrets = signingSecrets({ ...target, secret }, ctx.now());
  const key = attemptKey({ publication_id: row.id, attempt: row.attempt });
  const body = JSON.stringify({ publication, clip, video, attempt: row.attempt, idempotency_key: key });
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': key,
    ...webhookHeaders({ id: key, nowMs: ctx.now(), body, secrets }),
  };
  return { decision: 'send', url: target.url, headers, body, timeout_ms: target.timeout_ms };
}

/**
 * Says whether an agent may send a publication now, and hands it the signed request. From then on the attempt counts as sent: only an
 * answer makes its outcome known. Called by the agent that holds the job, right before the first byte.
 * @throws {AppError} LEASE_STALE
 */
export async function beginSend(ctx: CoreContext, input: BeginSendInput): Promise<BeginSendOutput> {
  const answer = await ctx.database.db.transaction().execute(async (tx): Promise<BeginSendOutput> => {
    const payload = await lockJob(tx, input);
    const [row] = await lockPublications(tx, [payload.publication_id]);
    if (row === undefined || row.status !== 'processing' || row.attempt !== payload.attempt) return OVER;
    const attempt = await tx
      .selectFrom('publication_attempt')
      .select(['sent_at', 'finished_at'])
      .where('publication_id', '=', row.id)
      .where('attempt', '=', row.attempt)
      .forUpdate()
      .executeTakeFirst();
    if (attempt === undefined || attempt.finished_at !== null) return OVER;
    const target = await readTarget(tx, row);
    const isSent = attempt.sent_at !== null;
    if (isSent && target?.honours_idempotency_key !== true) return { decision: 'unconfirmed' };
    if (target === undefined || (!isSent && !target.is_open)) return hold(tx, row);
    await sql`update publication_attempt set sent_at = now() where publication_id = ${row.id} and attempt = ${row.attempt}`.execute(tx);
    return requestOf(ctx, tx, { row, target });
  });
  if (answer.decision === 'over') ctx.hub.publish([PUBLICATIONS_TOPIC, QUEUE_TOPIC]);
  return answer;
}
