import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PlatformKey } from '../platforms/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import { movePublications, PUBLICATIONS_TOPIC } from './move-publications.ts';
import { lockPublications } from './publication-row.ts';

const PAGE = 500;
/** Publications handed to the workers ahead of what they have begun, where no rate says less. */
const AHEAD = 64;
/** With a rate: as many as may start within this time. */
const AHEAD_SECONDS = 2;

async function movePage(
  ctx: CoreContext,
  find: (tx: Transaction<Database>) => Promise<string[]>,
  to: 'due' | 'missed' | 'result_timeout',
): Promise<number> {
  return ctx.database.db.transaction().execute(async (tx) => {
    const ids = await find(tx);
    if (ids.length === 0) return 0;
    const rows = await lockPublications(tx, ids);
    if (to === 'due')
      await movePublications(
        tx,
        rows.map((row) => ({ row, to: 'pending', sub: null, by: 'due' })),
      );
    if (to === 'missed') {
      const error = 'It was due too long ago to publish it still.';
      await movePublications(
        tx,
        rows.map((row) => ({ row, to: 'failed', sub: 'missed', by: 'missed', set: { error } })),
      );
    }
    if (to === 'result_timeout') {
      const error = 'The platform accepted it, and its result never came.';
      await movePublications(
        tx,
        rows.map((row) => ({ row, to: 'failed', sub: 'unconfirmed', by: 'result_timeout', set: { error } })),
      );
    }
    return rows.length;
  });
}

async function moveAll(
  ctx: CoreContext,
  find: (tx: Transaction<Database>) => Promise<string[]>,
  to: 'due' | 'missed' | 'result_timeout',
): Promise<number> {
  let moved = 0;
  for (;;) {
    const page = await movePage(ctx, find, to);
    moved += page;
    if (page < PAGE) return moved;
  }
}

async function idsOf(tx: Transaction<Database>, query: ReturnType<typeof sql<{ id: string }>>): Promise<string[]> {
  return (await query.execute(tx)).rows.map((row) => row.id);
}

/** Moves what time alone moves: scheduled ones that are due, waiting ones that are too late, accepted ones whose result never came. */
export async function moveByTime(ctx: CoreContext): Promise<number> {
  const due = await moveAll(
    ctx,
    (tx) =>
      idsOf(
        tx,
        sql`select id from publication where status = 'scheduled' and due_at <= now() order by due_at limit ${PAGE} for update skip locked`,
      ),
    'due',
  );
  const missed = await moveAll(
    ctx,
    (tx) =>
      idsOf(
        tx,
        sql`select p.id from publication p join platform f on f.key = p.platform_key
          where p.status = 'pending' and p.scheduled_for is not null and p.attempt = 0
            and p.scheduled_for < now() - f.missed_after_seconds * interval '1 s' order by p.scheduled_for limit ${PAGE} for update of p skip locked`,
      ),
    'missed',
  );
  const silent = await moveAll(
    ctx,
    (tx) =>
      idsOf(
        tx,
        sql`select p.id from publication p join platform f on f.key = p.platform_key
          where p.awaiting_since < now() - f.result_timeout_seconds * interval '1 s' limit ${PAGE} for update of p skip locked`,
      ),
    'result_timeout',
  );
  return due + missed + silent;
}

interface Lane {
  key: PlatformKey;
  concurrency: number | null;
  account_concurrency: number | null;
  rate_per_minute: number | null;
  open: number;
  unsent: number;
}

/** Platforms that can be published to now, with what they hold. */
async function readLanes(ctx: CoreContext): Promise<Lane[]> {
  const { rows } = await sql<Lane>`
    select f.key, f.concurrency, f.account_concurrency, f.rate_per_minute, count(a.attempt)::int as open,
      (count(a.attempt) filter (where a.sent_at is null))::int as unsent
    from platform f left join (publication_attempt a join publication p on p.id = a.publication_id) on a.finished_at is null and p.platform_key = f.key
    where not f.is_paused and exists (
      select from worker w where w.stopped_at is null and w.last_heartbeat_at > now() - interval '30 s' and not w.draining and not w.drain_requested
        and not w.quarantined and 'publish' = any(w.kinds) and 'publish:' || f.key = any(w.queues))
    group by f.key`.execute(ctx.database.db);
  return rows;
}

/** How many more of a platform may be handed out. */
export function roomOf(lane: Pick<Lane, 'concurrency' | 'rate_per_minute' | 'open' | 'unsent'>): number {
  const byConcurrency = lane.concurrency === null ? AHEAD : lane.concurrency - lane.open;
  const ahead =
    lane.rate_per_minute === null ? AHEAD : Math.min(AHEAD, Math.max(1, Math.ceil((lane.rate_per_minute / 60) * AHEAD_SECONDS)));
  return Math.max(0, Math.min(byConcurrency, ahead - lane.unsent));
}

interface Candidate {
  id: string;
  social_account_id: string;
  processing_count: number;
}

/** The most overdue first, as many of an account as it may have under way. */
function chosenOf(lane: Lane, candidates: readonly Candidate[], room: number): string[] {
  const busy = new Map<string, number>();
  const chosen: string[] = [];
  for (const candidate of candidates) {
    if (chosen.length >= room) break;
    const count = busy.get(candidate.social_account_id) ?? candidate.processing_count;
    if (lane.account_concurrency !== null && count >= lane.account_concurrency) continue;
    busy.set(candidate.social_account_id, count + 1);
    chosen.push(candidate.id);
  }
  return chosen;
}

async function dispatchLane(ctx: CoreContext, lane: Lane): Promise<number> {
  const room = roomOf(lane);
  if (room === 0) return 0;
  return ctx.database.db.transaction().execute(async (tx) => {
    const { rows: candidates } = await sql<Candidate>`
      select p.id, p.social_account_id, a.processing_count
      from publication p
      join social_account a on a.platform_key = p.platform_key and a.id = p.social_account_id
      left join campaign c on c.id = p.campaign_id
      where p.status = 'pending' and p.platform_key = ${lane.key} and p.due_at <= now() and (p.next_try_at is null or p.next_try_at <= now())
        and a.status = 'active' and (a.not_before is null or a.not_before <= now()) and (c.id is null or c.status = 'active')
        and (${lane.account_concurrency}::int is null or a.processing_count < ${lane.account_concurrency}::int)
        and not exists (select from publication_attempt o where o.publication_id = p.id and o.finished_at is null)
      order by p.due_at, p.id limit ${lane.account_concurrency === null ? room : Math.max(PAGE, room)}`.execute(tx);
    const rows = (await lockPublications(tx, chosenOf(lane, candidates, room))).filter((row) => row.status === 'pending');
    if (rows.length === 0) return 0;
    await movePublications(
      tx,
      rows.map((row) => ({ row, to: 'processing', sub: null, by: 'dispatch', set: { attempt: row.attempt + 1 } })),
    );
    await tx
      .insertInto('publication_attempt')
      .values(rows.map((row) => ({ publication_id: row.id, attempt: row.attempt + 1 })))
      .execute();
    return rows.length;
  });
}

/** Opens an attempt for each due publication there is room for. Answers how many. */
export async function dispatchDue(ctx: CoreContext): Promise<number> {
  let dispatched = 0;
  for (const lane of await readLanes(ctx)) dispatched += await dispatchLane(ctx, lane);
  if (dispatched > 0) ctx.hub.publish([PUBLICATIONS_TOPIC]);
  return dispatched;
}
