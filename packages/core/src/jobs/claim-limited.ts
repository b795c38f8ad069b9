import { sql } from 'kysely';
import type { AppError } from '../errors.ts';
import { runningIn } from '../leases/index.ts';
import type { CoreContext, GroupKind, LeasedRow, QueueSettings, Statement, StatementRunner, Writer } from '../ports/index.ts';
import { CLAIM_CHOSEN, IS_READY } from './cycle-statement.ts';

/** A claim from one queue that has limits. */
export interface LimitedClaim {
  readonly queue: QueueSettings;
  readonly worker: string;
  /** Lanes of the queue this worker can take from. */
  readonly lanes: readonly number[];
  /** All lanes of the queue: what runs in any of them counts. */
  readonly queueLanes: readonly number[];
  readonly max: number;
}

/** Locks the queue and refills its bucket. $1 name, $2 burst. */
const LOCK_QUEUE: Statement = {
  name: 'lock_queue',
  text: `
select is_paused, concurrency, rate_per_minute,
  least($2::float8, tokens + extract(epoch from now() - refilled_at) * coalesce(rate_per_minute, 0) / 60) as tokens
from queue where name = $1 for update`,
};

/** What runs of a queue. A statement of its own, after the lock: one snapshot for both would be from before the wait. */
const COUNT_RUNNING: Statement = {
  name: 'count_running',
  text: `select count(*)::int as running from ${runningIn('$1')}`,
};

/**
 * The next due workloads whose key has room, most urgent first. $1 lanes, $2 how many, $3 all lanes of the queue, $4 limit per key.
 * Keys that are full are left out before the limit, so that a long tail of one key does not hide the others.
 */
const CHOOSE: Statement = {
  name: 'choose_by_key',
  text: `
with busy as (
  select concurrency_key as key, count(*)::int as running from ${runningIn('$3')}
  where concurrency_key is not null group by concurrency_key
), due as (
  select c.* from unnest($1::int[]) as l(lane_id)
  cross join lateral (
    select w.id, w.claim_order, w.concurrency_key from workload w
    where w.lane_id = l.lane_id and ${IS_READY}
      and (w.start_deadline_at is null or w.start_deadline_at > now() or w.started_at is not null) and (w.deadline_at is null or w.deadline_at > now())
      and (w.concurrency_key is null or $4::int is null
        or not exists (select from busy where busy.key = w.concurrency_key and busy.running >= $4::int))
    order by w.claim_order, w.id limit greatest($2::int * 4, 200)
  ) c
), ranked as (
  select d.id, d.claim_order, d.concurrency_key, coalesce(b.running, 0) as running,
    row_number() over (partition by d.concurrency_key order by d.claim_order, d.id) as place
  from due d left join busy b on b.key = d.concurrency_key
)
select id from ranked where concurrency_key is null or $4::int is null or running + place <= $4::int order by claim_order, id limit $2::int`,
};

const SPEND: Statement = {
  name: 'queue_spend',
  text: `update queue set tokens = $2::float8, refilled_at = now() where name = $1 returning name`,
};

interface Allowance {
  is_paused: boolean;
  concurrency: number | null;
  rate_per_minute: number | null;
  tokens: number;
}

function allowedOf(allowance: Allowance, running: number, max: number): number {
  if (allowance.is_paused) return 0;
  const byConcurrency = allowance.concurrency === null ? max : allowance.concurrency - running;
  const byRate = allowance.rate_per_minute === null ? max : Math.floor(allowance.tokens + 1e-9);
  return Math.max(0, Math.min(max, byConcurrency, byRate));
}

async function claimFrom(tx: StatementRunner, slot: number, claim: LimitedClaim): Promise<LeasedRow[]> {
  const [allowance] = await tx.run<Allowance>(LOCK_QUEUE, [claim.queue.name, claim.queue.burst]);
  if (allowance === undefined) return [];
  const [count] = await tx.run<{ running: number }>(COUNT_RUNNING, [claim.queueLanes]);
  const allowed = allowedOf(allowance, count?.running ?? 0, claim.max);
  if (allowed === 0) return [];
  const chosen = await tx.run<{ id: string }>(CHOOSE, [claim.lanes, allowed, claim.queueLanes, claim.queue.key_concurrency]);
  if (chosen.length === 0) return [];
  const rows = await tx.run<LeasedRow>(CLAIM_CHOSEN, [slot, chosen.map((row) => row.id), chosen.map(() => claim.worker)]);
  if (allowance.rate_per_minute !== null) await tx.run(SPEND, [claim.queue.name, allowance.tokens - rows.length]);
  return rows;
}

/** Each claim locks its queue for one short transaction: the limits are hard over all servers. */
const LIMITED_KIND: GroupKind<LimitedClaim, LeasedRow[]> = {
  name: 'claim_limited',
  maxRows: 1,
  rows: () => 1,
  async write(writer: Writer, items): Promise<(LeasedRow[] | AppError)[]> {
    const [claim] = items;
    return claim === undefined ? [] : [await writer.transaction((tx) => claimFrom(tx, writer.slot, claim))];
  },
};

/** Leases up to `max` workloads of a queue with limits, never more than they allow. */
export function claimLimited(ctx: CoreContext, claim: LimitedClaim): Promise<LeasedRow[]> {
  return ctx.commits.submit(LIMITED_KIND, claim);
}

/** Milliseconds until a queue's bucket holds the next token; null when tokens are not what it waits for. */
export async function nextTokenMs(ctx: CoreContext, queue: QueueSettings): Promise<number | null> {
  if (queue.rate_per_minute === null) return null;
  const perMs = queue.rate_per_minute / 60_000;
  const { rows } = await sql<{ tokens: number }>`
    select least(${queue.burst}::float8, tokens + extract(epoch from now() - refilled_at) * ${queue.rate_per_minute}::float8 / 60) as tokens
    from queue where name = ${queue.name}`.execute(ctx.database.db);
  const tokens = rows[0]?.tokens ?? 0;
  return tokens >= 1 ? null : Math.ceil((1 - tokens) / perMs);
}
