import { sql, type Selectable, type Transaction } from 'kysely';
import { DELIVERIES_TOPIC, queueAlertEnd, queueNotices } from '../alerts/index.ts';
import type { PublishingThresholdTable } from '../db/publishing-tables.ts';
import type { Database } from '../db/schema.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import type { MetricName } from '../publishing/contract.ts';
import { readMetrics } from '../publishing/index.ts';
import type { ThresholdLevel } from './contract.ts';
import { type Judgement, judge } from './judge.ts';

/** Published when there may be a threshold to look at. */
export const THRESHOLDS_TOPIC = 'thresholds';

interface Row extends Selectable<PublishingThresholdTable> {
  readonly alert_id: string | null;
  readonly open_level: ThresholdLevel | null;
  readonly worst_value: number | null;
  readonly now: string;
}

/** The threshold with its open alert, locked: of several servers one judges at a time. */
async function lockThreshold(tx: Transaction<Database>, id: string): Promise<Row | undefined> {
  const row = await tx.selectFrom('publishing_threshold').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined || !row.is_enabled) return undefined;
  const alert = await tx
    .selectFrom('publishing_alert')
    .select(['id', 'level', 'worst_value'])
    .where('threshold_id', '=', id)
    .where('resolved_at', 'is', null)
    .executeTakeFirst();
  const { rows } = await sql<{ now: string }>`select now()`.execute(tx);
  const now = rows[0]?.now ?? row.updated_at;
  return { ...row, alert_id: alert?.id ?? null, open_level: alert?.level ?? null, worst_value: alert?.worst_value ?? null, now };
}

async function openAlert(tx: Transaction<Database>, row: Row, about: { judged: Judgement; value: number; nowMs: number }): Promise<void> {
  const id = newId('alt', about.nowMs);
  const { value } = about;
  await tx
    .insertInto('publishing_alert')
    .values({
      id,
      threshold_id: row.id,
      level: about.judged.level === 'warn' && row.warn === null ? 'crit' : about.judged.level,
      opened_at: row.now,
      escalated_at: null,
      resolved_at: null,
      first_value: value,
      worst_value: value,
      last_value: value,
    })
    .execute();
  await queueNotices(tx, { alert_id: id, kind: 'opened', channel_ids: row.channel_ids }, about.nowMs);
}

async function changeAlert(
  tx: Transaction<Database>,
  row: Row & { alert_id: string },
  about: { judged: Judgement; value: number | null; nowMs: number },
): Promise<void> {
  const { judged, value } = about;
  const worst = row.is_upper ? Math.max : Math.min;
  await tx
    .updateTable('publishing_alert')
    .set({
      last_value: value,
      ...(value === null ? {} : { worst_value: worst(row.worst_value ?? value, value) }),
      ...(judged.action === 'escalate' ? { level: 'crit' as const, escalated_at: row.now } : {}),
      ...(judged.action === 'resolve' ? { resolved_at: row.now } : {}),
    })
    .where('id', '=', row.alert_id)
    .execute();
  if (judged.action === 'escalate')
    await queueNotices(tx, { alert_id: row.alert_id, kind: 'escalated', channel_ids: row.channel_ids }, about.nowMs);
  if (judged.action === 'resolve') await queueAlertEnd(tx, row.alert_id, about.nowMs);
}

async function checkOne(ctx: CoreContext, id: string, value: number | null): Promise<boolean> {
  return ctx.database.db.transaction().execute(async (tx) => {
    const row = await lockThreshold(tx, id);
    if (row === undefined) return false;
    const judged = judge(row, value, row.now);
    const { alert_id } = row;
    const about = { judged, value, nowMs: ctx.now() };
    if (alert_id !== null) await changeAlert(tx, { ...row, alert_id }, about);
    else if (judged.action === 'open' && value !== null) await openAlert(tx, row, { ...about, value });
    const { breach_level, breach_since, crit_since, good_since } = judged;
    await tx
      .updateTable('publishing_threshold')
      .set({ breach_level, breach_since, crit_since, good_since, last_value: value, checked_at: row.now })
      .where('id', '=', id)
      .execute();
    return judged.action !== null;
  });
}

/** Looks at the metric of every threshold that is switched on, and tells the channels what begins, gets worse or ends. False: there is none. */
export async function checkThresholds(ctx: CoreContext): Promise<boolean> {
  const thresholds = await ctx.database.db
    .selectFrom('publishing_threshold')
    .select(['id', 'metric', 'platform_key'])
    .where('is_enabled', '=', true)
    .orderBy('id')
    .execute();
  if (thresholds.length === 0) return false;
  const choices = thresholds.map((row) => ({ metric: row.metric as MetricName, platform: row.platform_key }));
  const values = await readMetrics(ctx, choices);
  let isNews = false;
  for (const [index, { id }] of thresholds.entries()) isNews = (await checkOne(ctx, id, values[index]?.value ?? null)) || isNews;
  if (isNews) ctx.hub.publish([DELIVERIES_TOPIC]);
  return true;
}
