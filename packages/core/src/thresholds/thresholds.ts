import { type Selectable, sql } from 'kysely';
import { DELIVERIES_TOPIC, queueAlertEnd } from '../alerts/index.ts';
import { decodeCursor } from '../cursors.ts';
import type { PublishingAlertTable, PublishingThresholdTable } from '../db/publishing-tables.ts';
import { invalid, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import type { MetricName } from '../publishing/contract.ts';
import { pageOf } from '../publishing/index.ts';
import { THRESHOLDS_TOPIC } from './check-thresholds.ts';
import type {
  CreateThresholdInput,
  ListAlertsInput,
  ListThresholdsInput,
  Threshold,
  ThresholdAlert,
  UpdateThresholdInput,
} from './contract.ts';
import { thresholdProblem } from './contract.ts';

type Row = Selectable<PublishingThresholdTable>;
type AlertRow = Selectable<PublishingAlertTable>;

function toThreshold(row: Row, alert: AlertRow | undefined): Threshold {
  const { platform_key: platform, is_upper, metric, breach_level, breach_since: _b, crit_since: _c, good_since: _g, ...rest } = row;
  const state = alert?.level ?? (breach_level === null ? 'ok' : 'pending');
  return { ...rest, metric: metric as MetricName, platform, direction: is_upper ? 'above' : 'below', state, alert: alert ?? null };
}

async function tell(ctx: CoreContext, rows: readonly Row[]): Promise<Threshold[]> {
  if (rows.length === 0) return [];
  const open = await ctx.database.db
    .selectFrom('publishing_alert')
    .selectAll()
    .where('resolved_at', 'is', null)
    .where(
      'threshold_id',
      'in',
      rows.map((row) => row.id),
    )
    .execute();
  const alerts = new Map(open.map((alert) => [alert.threshold_id, alert]));
  return rows.map((row) => toThreshold(row, alerts.get(row.id)));
}

async function requireChannels(ctx: CoreContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const known = await ctx.database.db
    .selectFrom('channel')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  const missing = ids.findIndex((id) => !known.some((row) => row.id === id));
  if (missing !== -1) throw invalid(`channel_ids.${missing}`, `there is no channel "${ids[missing]}"`);
}

/** Sets a limit on a metric. @throws {AppError} VALIDATION */
export async function createThreshold(ctx: CoreContext, input: CreateThresholdInput): Promise<Threshold> {
  await requireChannels(ctx, input.channel_ids);
  const { platform, direction, ...fields } = input;
  const row = await ctx.database.db
    .insertInto('publishing_threshold')
    .values({ id: newId('thr', ctx.now()), ...fields, platform_key: platform, is_upper: direction === 'above' })
    .returningAll()
    .executeTakeFirstOrThrow();
  ctx.hub.publish([THRESHOLDS_TOPIC]);
  return toThreshold(row, undefined);
}

/** @throws {AppError} NOT_FOUND */
export async function getThreshold(ctx: CoreContext, input: { id: string }): Promise<Threshold> {
  const row = await ctx.database.db.selectFrom('publishing_threshold').selectAll().where('id', '=', input.id).executeTakeFirst();
  const [threshold] = row === undefined ? [] : await tell(ctx, [row]);
  if (threshold === undefined) throw notFound('threshold', input.id);
  return threshold;
}

/**
 * Changes a threshold; fields left out stay. What it measures or when it is wrong begins anew, and an open alert of it ends, when the
 * threshold is switched off or measures something else. @throws {AppError} NOT_FOUND, VALIDATION
 */
export async function updateThreshold(ctx: CoreContext, input: UpdateThresholdInput): Promise<Threshold> {
  const { id, ...changes } = input;
  const before = await getThreshold(ctx, { id });
  const merged = { ...before, ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) };
  const problem = thresholdProblem(merged);
  if (problem !== null) throw invalid(problem.path, problem.message);
  if (input.channel_ids !== undefined) await requireChannels(ctx, input.channel_ids);
  const isOver =
    !merged.is_enabled || merged.metric !== before.metric || merged.platform !== before.platform || merged.direction !== before.direction;
  const { name, metric, warn, crit, recover, for_seconds, recover_seconds, channel_ids, is_enabled } = merged;
  await ctx.database.db.transaction().execute(async (tx) => {
    const fresh = { breach_level: null, breach_since: null, crit_since: null, good_since: null };
    await tx
      .updateTable('publishing_threshold')
      .set({ name, metric, warn, crit, recover, for_seconds, recover_seconds, channel_ids, is_enabled, ...fresh })
      .set({ platform_key: merged.platform, is_upper: merged.direction === 'above', updated_at: sql<string>`now()` })
      .where('id', '=', id)
      .execute();
    if (!isOver) return;
    const ended = await tx
      .updateTable('publishing_alert')
      .set({ resolved_at: sql<string>`now()` })
      .where('threshold_id', '=', id)
      .where('resolved_at', 'is', null)
      .returning('id')
      .execute();
    for (const alert of ended) await queueAlertEnd(tx, alert.id, ctx.now());
  });
  ctx.hub.publish([DELIVERIES_TOPIC, THRESHOLDS_TOPIC]);
  return getThreshold(ctx, { id });
}

/** Removes a threshold with its alerts and what is still to be told of them. @throws {AppError} NOT_FOUND */
export async function deleteThreshold(ctx: CoreContext, input: { id: string }): Promise<{ id: string; deleted: true }> {
  const gone = await ctx.database.db.deleteFrom('publishing_threshold').where('id', '=', input.id).returning('id').executeTakeFirst();
  if (gone === undefined) throw notFound('threshold', input.id);
  return { id: gone.id, deleted: true };
}

/** Thresholds, newest first, with where each stands. */
export async function listThresholds(
  ctx: CoreContext,
  input: ListThresholdsInput,
): Promise<{ items: Threshold[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('publishing_threshold')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('thresholds', input.cursor));
  const page = pageOf(await query.execute(), { list: 'thresholds', limit: input.limit, key: (row) => row.id });
  return { items: await tell(ctx, page.items), next_cursor: page.next_cursor };
}

/** What was beyond its limit and when, newest first. */
export async function listAlerts(
  ctx: CoreContext,
  input: ListAlertsInput,
): Promise<{ items: ThresholdAlert[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('publishing_alert')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.threshold_id !== undefined) query = query.where('threshold_id', '=', input.threshold_id);
  if (input.is_open !== undefined) query = query.where('resolved_at', input.is_open ? 'is' : 'is not', null);
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('alerts', input.cursor));
  return pageOf(await query.execute(), { list: 'alerts', limit: input.limit, key: (row) => row.id });
}
