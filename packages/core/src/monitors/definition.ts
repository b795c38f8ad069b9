import { sql, type Insertable } from 'kysely';
import type { MonitorTable } from '../db/index.ts';
import { AppError, invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { requireCron } from '../schedules/index.ts';
import { DEFAULT_INTERVAL_SECONDS, definitionProblems, type CreateMonitorInput, type Monitor } from './contract.ts';

type Definition = Omit<CreateMonitorInput, 'id'>;
export type DefinitionRow = Omit<Insertable<MonitorTable>, 'id' | 'ping_key' | 'created_at' | 'updated_at'>;

/** The columns of a definition. */
export function toRow(definition: Definition): DefinitionRow {
  const cron = definition.cron ?? null;
  return {
    name: definition.name,
    type: definition.type,
    url: definition.url ?? null,
    steps: JSON.stringify(definition.steps),
    interval_seconds: cron === null ? (definition.interval_seconds ?? DEFAULT_INTERVAL_SECONDS) : null,
    cron,
    timezone: definition.timezone,
    grace_seconds: definition.grace_seconds,
    timeout_ms: definition.timeout_ms,
    retries: definition.retries,
    status: definition.status,
    tags: [...new Set(definition.tags)],
    is_public: definition.public,
    alert: JSON.stringify(definition.alert),
    degraded_ms: definition.degraded_ms,
    slo_target_pct: definition.slo_target_pct,
    parent_id: definition.parent_id,
  };
}

/** The part of a monitor that a person defines. */
export function definitionOf(monitor: Monitor): Definition {
  const { name, type, url, steps, interval_seconds, cron, timezone, grace_seconds, timeout_ms, retries, status, tags, alert } = monitor;
  const { degraded_ms, slo_target_pct, parent_id } = monitor;
  const when = { interval_seconds, cron, timezone, grace_seconds, timeout_ms, retries };
  return { name, type, url, steps, ...when, status, tags, public: monitor.public, alert, degraded_ms, slo_target_pct, parent_id };
}

/** A chain of parents must end: in a circle each would keep the others quiet. */
async function requireParent(ctx: CoreContext, parentId: string, ownId: string | null): Promise<void> {
  if (parentId === ownId) throw invalid('parent_id', 'must not be the monitor itself');
  const { rows } = await sql<{ id: string }>`
    with recursive line as (
      select id, parent_id from monitor where id = ${parentId} union select m.id, m.parent_id from monitor m join line on m.id = line.parent_id
    ) select id from line`.execute(ctx.database.db);
  if (rows.length === 0) throw invalid('parent_id', `there is no monitor "${parentId}"`);
  if (rows.some((row) => row.id === ownId)) throw invalid('parent_id', `"${parentId}" depends on this monitor itself`);
}

async function requireChannels(ctx: CoreContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const known = await ctx.database.db
    .selectFrom('channel')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  const missing = ids.findIndex((id) => !known.some((row) => row.id === id));
  if (missing !== -1) throw invalid(`alert.channel_ids.${missing}`, `there is no channel "${ids[missing]}"`);
}

/** Rules the schema cannot see: fields that depend on each other, cron, and what must exist. @throws {AppError} VALIDATION naming the field. */
export async function requireSound(ctx: CoreContext, definition: Definition, ownId: string | null): Promise<void> {
  const issues = definitionProblems(definition);
  const [first] = issues;
  if (first !== undefined) throw new AppError('VALIDATION', `${first.path}: ${first.message}`, { issues });
  if (definition.cron !== undefined && definition.cron !== null) requireCron(definition.cron, definition.timezone, ctx.now());
  if (definition.parent_id !== null) await requireParent(ctx, definition.parent_id, ownId);
  await requireChannels(ctx, definition.alert.channel_ids);
}
