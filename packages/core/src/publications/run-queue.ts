import { sql } from 'kysely';
import { completeEndedCampaigns } from '../campaigns/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { dispatchDue, moveByTime } from './dispatch.ts';
import { startAttempts } from './start-attempts.ts';

/** A server that took the tick and died keeps it for so long. */
const TURN_MS = 10_000;
const BUSY_POLL_MS = 1000;
const IDLE_POLL_MS = 10_000;

interface Turn {
  readonly has_work: boolean;
  /** Milliseconds until the next scheduled publication is due. */
  readonly due_ms: number | null;
}

/** What a tick could have to do: nothing in a system that does not publish. */
const HAS_WORK = sql`
  exists (select from publication where status = 'pending') or exists (select from publication where awaiting_since is not null)
  or exists (select from publication where status = 'scheduled' and due_at <= now())
  or exists (select from publication_attempt where finished_at is null)
  or exists (select from campaign where status in ('active', 'paused') and ends_at < now())`;

/**
 * Takes the turn for this server, unless another one has it: a row decides, not a session lock. Where there is nothing to do, that was
 * the tick already: an idle server asks one question.
 */
async function takeTurn(ctx: CoreContext): Promise<Turn | null> {
  const { rows } = await sql<Turn>`
    with look as (
      select ${HAS_WORK} as has_work, (select extract(epoch from min(due_at) - now()) * 1000 from publication where status = 'scheduled')::float8 as due_ms
    )
    update setting set updated_at = now(), value = case when look.has_work
      then (case when jsonb_typeof(value) = 'object' then value else '{}'::jsonb end) || jsonb_build_object('until', now() + ${`${TURN_MS} ms`}::interval)
      else jsonb_build_object('until', null, 'last_tick_at', now(), 'duration_ms', 0, 'dispatched', 0, 'lag_seconds', null) end
    from look where key = 'publish_tick' and coalesce((value ->> 'until')::timestamptz, '-infinity') < now()
    returning look.has_work, look.due_ms`.execute(ctx.database.db);
  return rows[0] ?? null;
}

/** Gives the turn back and tells what was done; the lag is that of the most overdue item left behind. */
async function endTurn(ctx: CoreContext, done: { dispatched: number; duration_ms: number }): Promise<void> {
  await sql`
    update setting set updated_at = now(), value = jsonb_build_object('until', null, 'last_tick_at', now(), 'duration_ms', ${done.duration_ms}::float8,
      'dispatched', ${done.dispatched}::int, 'lag_seconds', (
        select extract(epoch from now() - min(due_at)) from (values ('instagram'), ('tiktok'), ('youtube'), ('other')) as k(key)
        cross join lateral (select due_at from publication where status = 'pending' and platform_key = k.key and due_at <= now() order by due_at limit 1) p))
    where key = 'publish_tick'`.execute(ctx.database.db);
}

/** Milliseconds until the queue has to be looked at again. */
async function nextLookMs(ctx: CoreContext): Promise<number> {
  const { rows } = await sql<{ is_busy: boolean; due_ms: number | null }>`
    select exists (select from publication where status = 'pending') or exists (select from publication_attempt where finished_at is null) as is_busy,
      (select extract(epoch from min(due_at) - now()) * 1000 from publication where status = 'scheduled')::float8 as due_ms`.execute(
    ctx.database.db,
  );
  const [row] = rows;
  if (row === undefined || row.is_busy) return BUSY_POLL_MS;
  return Math.max(1, Math.min(IDLE_POLL_MS, row.due_ms ?? IDLE_POLL_MS));
}

/**
 * One tick of the queue: what time moves is moved, what is due and has room is handed to the workers. Does nothing when another server
 * is at it. Answers after how many milliseconds it wants to run again.
 */
export async function runQueue(ctx: CoreContext): Promise<number> {
  const turn = await takeTurn(ctx);
  if (turn === null) return BUSY_POLL_MS;
  if (!turn.has_work) return Math.max(1, Math.min(IDLE_POLL_MS, turn.due_ms ?? IDLE_POLL_MS));
  const started = performance.now();
  let dispatched = 0;
  try {
    await moveByTime(ctx);
    dispatched = await dispatchDue(ctx);
    await startAttempts(ctx);
    await completeEndedCampaigns(ctx);
  } finally {
    await endTurn(ctx, { dispatched, duration_ms: Math.round(performance.now() - started) });
  }
  return nextLookMs(ctx);
}
