import { sql, type RawBuilder } from 'kysely';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { StoredItem } from './packed-items.ts';
import { rowsBefore, shareRead, unpack, unpackBefore, type PlacedItem } from './read-stream.ts';

interface SourceRow {
  source: 'event' | 'transition';
  position: number;
  items: string;
  created_at: string;
}

const PAGE_ROWS = 500;

type StoredRows = RawBuilder<Omit<SourceRow, 'source'>>;

/**
 * What happened to one workload after a position, with these of its stored events. Creation, start and end of each attempt are not
 * stored again as events: they *are* the workload, lease and attempt rows, which carry their positions. One statement, so one snapshot.
 */
function selectSources(id: string, after: number, stored: StoredRows) {
  return sql<SourceRow>`
    select 'event' as source, stored.* from (${stored}) stored
    union all
    select 'transition', 1, json_build_object('type', 'workload.created', 'id', id, 'lane', lane_id, 'status', 'pending')::text, created_at
      from workload where id = ${id} and ${after}::int < 1
    union all
    select 'transition', started_position, json_build_object('type', 'workload.started', 'id', workload_id, 'status', 'running', 'reason', 'leased',
      'worker', worker_id, 'epoch', lease_epoch, 'attempt', attempt)::text, started_at
      from tried where workload_id = ${id} and started_position > ${after}
    union all
    select 'transition', started_position, json_build_object('type', 'workload.started', 'id', workload_id, 'lane', lane_id, 'status', 'running',
      'reason', 'leased', 'worker', worker_id, 'epoch', lease_epoch, 'attempt', attempt)::text, granted_at
      from lease where workload_id = ${id} and started_position > ${after}
    union all
    select 'transition', position, json_build_object('type', 'workload.started', 'id', id, 'lane', lane_id, 'status', 'running',
      'reason', 'leased', 'worker', worker_id, 'epoch', lease_epoch, 'attempt', attempt)::text, started_at
      from workload where id = ${id} and status = 'running' and status_reason = 'leased' and not has_lease and position > ${after}
    union all
    select 'transition', finished_position, json_build_object(
      'type', case next_status when 'pending' then 'workload.requeued' else 'workload.' || next_status end, 'id', workload_id,
      'status', next_status, 'reason', next_reason, 'worker', worker_id, 'epoch', lease_epoch, 'attempt', attempt, 'outcome', outcome,
      'exit_code', exit_code, 'signal', signal, 'error', error, 'duration_ms', duration_ms)::text, finished_at
      from tried where workload_id = ${id} and finished_position > ${after}`;
}

/** The stored events, and the transitions within a stretch. */
async function readSources(ctx: CoreContext, source: { id: string; after: number; stored: StoredRows }) {
  const { rows } = await selectSources(source.id, source.after, source.stored).execute(ctx.database.db);
  const events = rows.filter((row) => row.source === 'event');
  const transitions = (isIn: (position: number) => boolean): PlacedItem[] =>
    rows
      .filter((row) => row.source === 'transition' && isIn(row.position))
      .map((row) => ({ position: row.position, created_at: row.created_at, item: JSON.parse(row.items) as StoredItem }));
  return { events, isFull: events.length === PAGE_ROWS, transitions };
}

/** The next events of one workload after a position, in order and without holes; empty at the head. */
export function readWorkloadStream(ctx: CoreContext, id: string, after: number): Promise<PlacedItem[]> {
  return shareRead(ctx, `${id}:${after}`, async () => {
    const stored: StoredRows = sql`select position, items, created_at from event
      where stream = ${id} and position > ${after} order by position limit ${PAGE_ROWS}`;
    const { events, isFull, transitions } = await readSources(ctx, { id, after, stored });
    const until = isFull ? Math.max(...events.map((row) => row.position)) : Number.POSITIVE_INFINITY;
    const within = transitions((position) => position > after && position <= until);
    return [...unpack(events, after), ...within].sort((left, right) => left.position - right.position);
  });
}

/** So much of what happened to one workload before a position, newest first and without holes; empty at its beginning. */
export async function readWorkloadBefore(ctx: CoreContext, id: string, page: { before: number; limit: number }): Promise<PlacedItem[]> {
  const { before, limit } = page;
  const after = Math.max(0, before - limit - 1);
  const { events, transitions } = await readSources(ctx, { id, after, stored: rowsBefore(id, before, limit) });
  const within = transitions((position) => position > after && position < before);
  return [...unpackBefore(events, before), ...within].sort((left, right) => right.position - left.position);
}

/** Last position of one workload's own stream. @throws {AppError} NOT_FOUND */
export async function workloadHead(ctx: CoreContext, id: string): Promise<number> {
  const row = await ctx.database.db
    .selectFrom('workload')
    .leftJoin('lease', 'lease.workload_id', 'workload.id')
    .select(['workload.position', 'lease.position as lease_position'])
    .where('workload.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('workload', id);
  return Math.max(row.position, row.lease_position ?? 0);
}
