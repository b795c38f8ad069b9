import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { Retention, RetentionReport } from './contract.ts';
import { removeWorkloads, type FinalStatus } from './remove-workloads.ts';
import { getRetention } from './set-retention.ts';

const BATCH = 500;
const STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly FinalStatus[];
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

/** Trims the shared streams; a reader whose cursor is below the floor is told so with a gap. */
async function trimEvents(ctx: CoreContext, rule: Retention['events'], isDryRun: boolean): Promise<number> {
  if (rule.max_age_days === null) return 0;
  const old = sql`created_at < now() - ${`${rule.max_age_days} days`}::interval
    and stream in (select name from stream) and position <= coalesce((select min(p.position) from projection p where p.stream = event.stream), position)`;
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
    report.workloads[status] = await removeWorkloads(ctx, status, condition);
  }
  report.events = await trimEvents(ctx, rules.events, input.dry_run);
  return report;
}
