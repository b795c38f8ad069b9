import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { appendEvent } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Retention, RetentionReport } from './contract.ts';
import { getRetention } from './set-retention.ts';

const BATCH = 500;
const STATUSES = ['completed', 'failed', 'cancelled'] as const;
type FinalStatus = (typeof STATUSES)[number];
type Rule = Retention[FinalStatus];

/** What a rule removes: too old by its end, or older than the newest `max_count` of its status. */
function matches(status: FinalStatus, rule: Rule, oldestKept: string | null) {
  const byAge =
    rule.max_age_days === null ? sql<boolean>`false` : sql<boolean>`finished_at < now() - ${`${rule.max_age_days} days`}::interval`;
  const byCount = oldestKept === null ? sql<boolean>`false` : sql<boolean>`id < ${oldestKept}`;
  return sql<boolean>`status = ${sql.lit(status)} and (${byAge} or ${byCount})`;
}

/** The id from which on the newest `max_count` begin; null when there are no more than that. */
async function oldestKept(ctx: CoreContext, status: FinalStatus, rule: Rule): Promise<string | null> {
  if (rule.max_count === null) return null;
  if (rule.max_count === 0) return 'wl_~';
  const { rows } = await sql<{ id: string }>`
    select id from workload where status = ${sql.lit(status)} order by id desc offset ${rule.max_count - 1} limit 1`.execute(
    ctx.database.db,
  );
  return rows[0]?.id ?? null;
}

interface Removed {
  id: string;
  lane_id: number;
  status: string;
  created_ms: number;
  duration_ms: number | null;
}

async function discount(tx: Transaction<Database>, removed: readonly Removed[], status: FinalStatus): Promise<void> {
  const lanes = new Map<number, { count: number; sum: number; durations: number }>();
  for (const row of removed) {
    const known = lanes.get(row.lane_id) ?? { count: 0, sum: 0, durations: 0 };
    known.count += 1;
    if (status === 'completed' && row.duration_ms !== null) {
      known.sum += row.duration_ms;
      known.durations += 1;
    }
    lanes.set(row.lane_id, known);
  }
  const column = sql.ref(status);
  for (const [lane, { count, sum, durations }] of [...lanes].sort(([left], [right]) => left - right)) {
    await sql`insert into counter (slot, lane_id, ${column}, duration_ms_sum, duration_count) values (-1, ${lane}, ${-count}, ${-sum}, ${-durations})
      on conflict (slot, lane_id) do update set ${column} = counter.${column} + excluded.${column},
        duration_ms_sum = counter.duration_ms_sum + excluded.duration_ms_sum, duration_count = counter.duration_count + excluded.duration_count`.execute(
      tx,
    );
  }
}

/** Removes up to a batch with everything that hangs on it, and keeps the counters true. Answers the last id it looked at. */
async function removeBatch(
  ctx: CoreContext,
  at: { status: FinalStatus; condition: ReturnType<typeof matches>; after: string },
): Promise<Removed[]> {
  return ctx.database.db.transaction().execute(async (tx) => {
    const { rows: removed } = await sql<Removed>`
      delete from workload where id in (
        select id from workload where ${at.condition} and id > ${at.after} order by id limit ${BATCH} for update skip locked)
      returning id, lane_id, status, floor(extract(epoch from created_at) * 1000)::bigint as created_ms, duration_ms`.execute(tx);
    if (removed.length === 0) return removed;
    const ids = removed.map((row) => row.id);
    await tx.deleteFrom('attempt').where('workload_id', 'in', ids).execute();
    await tx.deleteFrom('event').where('stream', 'in', ids).execute();
    await discount(tx, removed, at.status);
    await appendEvent(
      tx,
      'workloads',
      removed.map((row) => ({
        type: 'workload.deleted',
        id: row.id,
        lane: row.lane_id,
        from: row.status,
        created_ms: row.created_ms,
        ...(row.duration_ms === null ? {} : { duration_ms: row.duration_ms }),
      })),
    );
    return removed;
  });
}

/** Trims the shared streams; a reader whose cursor is below the floor is told so with a gap. */
async function trimEvents(ctx: CoreContext, rule: Retention['events'], isDryRun: boolean): Promise<number> {
  if (rule.max_age_days === null) return 0;
  const old = sql`created_at < now() - ${`${rule.max_age_days} days`}::interval
    and stream in (select name from stream) and position <= coalesce((select min(position) from projection), position)`;
  if (isDryRun) {
    const { rows } = await sql<{ count: number }>`select coalesce(sum(item_count), 0)::bigint as count from event where ${old}`.execute(
      ctx.database.db,
    );
    return rows[0]?.count ?? 0;
  }
  let trimmed = 0;
  for (;;) {
    const { rows } = await sql<{ stream: string; position: number; item_count: number }>`
      with gone as (
        delete from event where (stream, position) in (select stream, position from event where ${old} order by position limit ${BATCH})
        returning stream, position, item_count
      ), floors as (
        update stream s set floor = greatest(s.floor, g.position)
        from (select stream, max(position) as position from gone group by stream) g where s.name = g.stream
      )
      select stream, position, item_count from gone`.execute(ctx.database.db);
    trimmed += rows.reduce((sum, row) => sum + row.item_count, 0);
    if (rows.length < BATCH) return trimmed;
  }
}

/**
 * Removes what the rules no longer keep, in small batches beside the running work; a dry run only counts, by the same conditions.
 * Idempotent: what is gone is gone.
 */
export async function runRetention(ctx: CoreContext, input: { dry_run: boolean }): Promise<RetentionReport> {
  const rules = await getRetention(ctx);
  const report: RetentionReport = { is_dry_run: input.dry_run, workloads: { completed: 0, failed: 0, cancelled: 0 }, events: 0 };
  for (const status of STATUSES) {
    const condition = matches(status, rules[status], await oldestKept(ctx, status, rules[status]));
    if (input.dry_run) {
      const { rows } = await sql<{ count: number }>`select count(*)::int as count from workload where ${condition}`.execute(
        ctx.database.db,
      );
      report.workloads[status] = rows[0]?.count ?? 0;
      continue;
    }
    let after = '';
    for (;;) {
      const removed = await removeBatch(ctx, { status, condition, after });
      report.workloads[status] += removed.length;
      after = removed.reduce((last, row) => (row.id > last ? row.id : last), after);
      if (removed.length > 0) ctx.hub.publish(['workloads']);
      if (removed.length < BATCH) break;
    }
  }
  report.events = await trimEvents(ctx, rules.events, input.dry_run);
  return report;
}
