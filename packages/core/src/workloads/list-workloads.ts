import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { Database } from '../db/schema.ts';
import { hasMessage } from '../failures/index.ts';
import { idFloor } from '../ids.ts';
import { isLimited, isWithin, type LaneLimits } from '../lanes/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ListWorkloadsInput, ListWorkloadsOutput, WorkloadFilter } from './contract.ts';
import { leasesOf } from './lease-of.ts';
import { toSummary } from './rows.ts';

/** Ids carry the server's clock, rows the database's: a range of ids is widened by this much, then checked exactly. */
const CLOCK_MARGIN_MS = 600_000;

const SUMMARY_COLUMNS = [
  'id',
  'lane_id',
  'priority',
  'claim_order',
  'status',
  'status_reason',
  'labels',
  'concurrency_key',
  'output_truncated',
  'exit_code',
  'signal',
  'error',
  'duration_ms',
  'attempt',
  'max_attempts',
  'lease_losses',
  'max_lease_losses',
  'lease_epoch',
  'worker_id',
  'progress',
  'keys_scanned',
  'run_at',
  'wake_at',
  'start_deadline_at',
  'deadline_at',
  'timeout_ms',
  'backoff_ms',
  'idempotency_key',
  'request_hash',
  'cancel_requested_at',
  'created_at',
  'started_at',
  'finished_at',
  'position',
] as const;

const ID_START = 'wl_';
const ID_PART = /^[a-z0-9_]+$/;

function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, (char) => `\\${char}`)}%`;
}

const NO_LIMITS: LaneLimits = { queues: null, kinds: null };

/** The lanes a filter on kind, queue or isolation means, within the limits; null when neither asks. */
function lanesOf(ctx: CoreContext, filter: WorkloadFilter, limits: LaneLimits): number[] | null {
  if (filter.kind === undefined && filter.queue === undefined && filter.isolation === undefined && !isLimited(limits)) return null;
  return ctx.lanes
    .all()
    .filter(
      (lane) =>
        isWithin(limits, lane) &&
        (filter.kind === undefined || lane.kind === filter.kind) &&
        (filter.queue === undefined || lane.queue === filter.queue) &&
        (filter.isolation === undefined || lane.isolation === filter.isolation),
    )
    .map((lane) => lane.id);
}

function labelCondition(label: string): Expression<SqlBool> {
  const at = label.indexOf('=');
  if (at < 0) return sql<SqlBool>`labels is not null and labels ? ${label}`;
  return sql<SqlBool>`labels is not null and labels @> ${JSON.stringify({ [label.slice(0, at)]: label.slice(at + 1) })}::jsonb`;
}

/** The words of the partial index of a rare status, which the planner has to see. */
function indexedAs(status: string | undefined): Expression<SqlBool> {
  if (status === 'failed') return sql<SqlBool>`status_reason in ('error', 'timeout', 'expired', 'quarantined')`;
  if (status === 'cancelled') return sql<SqlBool>`status_reason in ('requested', 'unconfirmed')`;
  return sql<SqlBool>`true`;
}

/** Everything a filter asks, as one condition on the workload's row. */
export function filterCondition(ctx: CoreContext, filter: WorkloadFilter, limits: LaneLimits = NO_LIMITS) {
  return (eb: ExpressionBuilder<Database, 'workload'>): Expression<SqlBool> => {
    const all: Expression<SqlBool>[] = [];
    const lanes = lanesOf(ctx, filter, limits);
    const statuses = filter.status === undefined ? [] : [filter.status].flat();
    if (lanes !== null) all.push(lanes.length === 0 ? sql<SqlBool>`false` : eb('lane_id', 'in', lanes));
    if (statuses.length === 1) all.push(sql<SqlBool>`status = ${sql.lit(statuses[0] ?? '')}`, indexedAs(statuses[0]));
    else if (statuses.length > 1) all.push(eb('status', 'in', statuses));
    if (filter.worker_id !== undefined) all.push(eb('worker_id', '=', filter.worker_id));
    if (filter.label !== undefined) all.push(labelCondition(filter.label));
    if (filter.operation_id !== undefined) {
      const items = eb.selectFrom('operation_item').select('workload_id').where('code', 'is', null);
      all.push(eb('id', 'in', items.where('operation_id', '=', filter.operation_id)));
    }
    if (filter.created_from !== undefined) {
      all.push(
        eb('id', '>=', idFloor('wl', Date.parse(filter.created_from) - CLOCK_MARGIN_MS)),
        eb('created_at', '>=', filter.created_from),
      );
    }
    if (filter.created_to !== undefined) {
      all.push(eb('id', '<', idFloor('wl', Date.parse(filter.created_to) + CLOCK_MARGIN_MS)), eb('created_at', '<', filter.created_to));
    }
    if (filter.q !== undefined) all.push(eb.or([idHolds(filter.q), errorHolds(filter.q)]));
    if (filter.cause !== undefined) all.push(sql<SqlBool>`status = 'failed'`, indexedAs('failed'), hasMessage(filter.cause));
    return eb.and(all);
  };
}

/** A table scan has no better answer than this one: what no id can hold is not looked for in a million of them. */
function idHolds(text: string): Expression<SqlBool> {
  const part = text.toLowerCase();
  if (!ID_PART.test(part)) return sql<SqlBool>`false`;
  const pattern = likePattern(part);
  return sql<SqlBool>`id like ${part.startsWith(ID_START) ? pattern.slice(1) : pattern}`;
}

/** Says what the index of the rows with an error says, so that only those are read. */
function errorHolds(text: string): Expression<SqlBool> {
  return sql<SqlBool>`(error is not null and error ilike ${likePattern(text)})`;
}

/**
 * Which workloads are on a page. A text is looked for in ids and in errors, each through an index of its own: one condition for both
 * would read every row there is.
 */
function onPage(ctx: CoreContext, input: ListWorkloadsInput, limits: LaneLimits) {
  const { q, cursor, ...filter } = input;
  const condition = filterCondition(ctx, filter, limits);
  const after = cursor === undefined ? sql<SqlBool>`true` : sql<SqlBool>`id < ${decodeCursor('workloads', cursor)}`;
  return (eb: ExpressionBuilder<Database, 'workload'>): Expression<SqlBool> => {
    const here = eb.and([condition(eb), after]);
    if (q === undefined) return here;
    const matching = (text: Expression<SqlBool>) =>
      eb
        .selectFrom('workload')
        .select('id')
        .where(eb.and([here, text]))
        .orderBy('id', 'desc')
        .limit(input.limit + 1);
    return sql<SqlBool>`id in ((${matching(idHolds(q))}) union (${matching(errorHolds(q))}))`;
  };
}

/** Workloads within the limits, newest first, a page at a time. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listWorkloads(
  ctx: CoreContext,
  input: ListWorkloadsInput,
  limits: LaneLimits = NO_LIMITS,
): Promise<ListWorkloadsOutput> {
  const rows = await ctx.database.db
    .selectFrom('workload')
    .select(SUMMARY_COLUMNS)
    .where(onPage(ctx, input, limits))
    .orderBy('id', 'desc')
    .limit(input.limit + 1)
    .execute();
  const page = rows.slice(0, input.limit);
  const leases = await leasesOf(
    ctx,
    page.filter((row) => row.status === 'running').map((row) => row.id),
  );
  const items = await Promise.all(page.map(async (row) => toSummary(row, await ctx.lanes.get(row.lane_id), leases.get(row.id))));
  const last = page.at(-1);
  return { items, next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('workloads', last.id) : null };
}
