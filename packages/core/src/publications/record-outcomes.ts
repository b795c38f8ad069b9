import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PlatformKey } from '../platforms/contract.ts';
import { switchOffPlatform, tellSwitchedOff } from '../platforms/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { closeAttempt } from './attempts.ts';
import type { SendReport } from './contract.ts';
import { movePublications, PUBLICATIONS_TOPIC, QUEUE_TOPIC, type PublicationMove } from './move-publications.ts';
import { moveOf, outcomeOf } from './outcome.ts';
import { lockPublications } from './publication-row.ts';

const PAGE = 100;
const MAX_ERROR_CHARS = 4096;

interface EndedAttempt {
  publication_id: string;
  attempt: number;
  sent_at: string | null;
  status: string | null;
  output: string | null;
  error: string | null;
  max_attempts: number;
}

const ENDED = sql`publication_attempt a left join workload w on w.id = a.workload_id`;
const IS_ENDED = sql`a.finished_at is null and a.workload_id is not null and (w.id is null or w.finished_at is not null)`;

async function findEnded(ctx: CoreContext): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select a.publication_id as id from ${ENDED} where ${IS_ENDED} order by w.finished_at, a.publication_id limit ${PAGE}`.execute(
    ctx.database.db,
  );
  return [...new Set(rows.map((row) => row.id))];
}

async function takeEnded(tx: Transaction<Database>, ids: readonly string[]): Promise<EndedAttempt[]> {
  const { rows } = await sql<EndedAttempt>`
    select a.publication_id, a.attempt, a.sent_at, w.status, w.output, w.error, coalesce(f.max_attempts, 3) as max_attempts
    from ${ENDED} join publication p on p.id = a.publication_id left join platform f on f.key = p.platform_key
    where a.publication_id = any(${ids}::text[]) and ${IS_ENDED} order by a.publication_id, a.attempt for update of a`.execute(tx);
  return rows;
}

/** An account that was refused is paused; one that was told to wait, waits. Its row is locked by the move before. */
async function noteAccounts(tx: Transaction<Database>, moves: readonly { move: PublicationMove; report: SendReport }[]): Promise<void> {
  for (const { move, report } of moves) {
    const { platform_key: key, social_account_id: id } = move.row;
    if (report.outcome === 'auth') {
      const reason = (report.error ?? 'the platform refused its credentials').slice(0, 500);
      await sql`update social_account set status = 'paused', pause_reason = ${reason}, updated_at = now()
        where platform_key = ${key} and id = ${id} and status = 'active'`.execute(tx);
    }
    if (report.outcome === 'rate_limited' && move.to === 'pending') {
      await sql`update social_account set not_before = greatest(not_before, ${move.set?.next_try_at ?? null}::timestamptz), updated_at = now()
        where platform_key = ${key} and id = ${id}`.execute(tx);
    }
  }
}

interface Recorded {
  readonly move: PublicationMove;
  readonly report: SendReport;
  readonly sent_at: string | null;
}

/** A receiver that is gone for good gets nothing more, until a person sets its platform up again. Answers whom this switched off. */
async function noteGone(tx: Transaction<Database>, recorded: readonly Recorded[]): Promise<PlatformKey[]> {
  const gone: PlatformKey[] = [];
  for (const { move, report, sent_at } of recorded) {
    const key = move.row.platform_key;
    if (report.http_status === 410 && sent_at !== null && (await switchOffPlatform(tx, { key, sent_at }))) gone.push(key);
  }
  return gone;
}

async function recordPage(ctx: CoreContext, ids: readonly string[]): Promise<number> {
  const { count, gone } = await ctx.database.db.transaction().execute(async (tx) => {
    const rows = new Map((await lockPublications(tx, ids)).map((row) => [row.id, row]));
    const ended = await takeEnded(tx, ids);
    const moves: Recorded[] = [];
    for (const attempt of ended) {
      const report = outcomeOf(attempt, attempt);
      const error = report.error?.slice(0, MAX_ERROR_CHARS) ?? null;
      await closeAttempt(tx, {
        publication_id: attempt.publication_id,
        attempt: attempt.attempt,
        outcome: report.outcome,
        http_status: report.http_status,
        error,
      });
      const row = rows.get(attempt.publication_id);
      // Its platform or a person may have told the outcome before.
      if (row === undefined || row.status !== 'processing' || row.attempt !== attempt.attempt || row.awaiting_since !== null) continue;
      moves.push({ move: moveOf(row, { ...report, error }, attempt.max_attempts), report, sent_at: attempt.sent_at });
    }
    await movePublications(
      tx,
      moves.map(({ move }) => move),
    );
    await noteAccounts(tx, moves);
    return { count: ended.length, gone: await noteGone(tx, moves) };
  });
  for (const key of gone) await tellSwitchedOff(ctx, key);
  return count;
}

/** A page that fails is taken apart, so that one outcome nobody can record does not keep the others. */
async function recordEach(ctx: CoreContext, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    try {
      await recordPage(ctx, [id]);
    } catch (error) {
      ctx.log.error({ err: error, publication_id: id }, 'the outcome of a publication could not be recorded; it will be tried again');
    }
  }
}

/**
 * Records what became of every attempt whose workload is over, exactly once: the attempt is closed in the transaction that moves its
 * publication, so a server that dies in between leaves it for the next. Any number of servers may call it.
 */
export async function recordOutcomes(ctx: CoreContext): Promise<void> {
  for (;;) {
    const ids = await findEnded(ctx);
    if (ids.length === 0) return;
    try {
      await recordPage(ctx, ids);
    } catch (error) {
      ctx.log.warn({ err: error }, 'a page of outcomes could not be recorded; trying one by one');
      await recordEach(ctx, ids);
      return;
    } finally {
      ctx.hub.publish([PUBLICATIONS_TOPIC, QUEUE_TOPIC]);
    }
    if (ids.length < PAGE) return;
  }
}
