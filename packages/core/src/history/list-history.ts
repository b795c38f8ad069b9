import { sql, type RawBuilder } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import { invalid, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ListHistoryInput, ListHistoryOutput, ListWorkerHistoryInput, WorkerHistory } from './contract.ts';
import { inWindows, windowsOf, type JobWindow } from './job-windows.ts';
import { isClockSuspect, keysPerSecond } from './rules.ts';

const LIST = 'history';

function keyOf(row: WorkerHistory): string {
  return `${Date.parse(row.finished_at)}.${row.id}`;
}

function positionOf(cursor: string): { finished_at: string; id: string } {
  const [ms = '', id = ''] = decodeCursor(LIST, cursor).split('.');
  if (!/^\d{1,15}$/.test(ms) || id === '')
    throw invalid('cursor', 'is not a cursor of this list; use the next_cursor of its previous page');
  return { finished_at: new Date(Number(ms)).toISOString(), id };
}

/** Packs opened at first; four times as many whenever their rows do not fill the page. */
const FIRST_PACKS = 64;

type Row = Omit<WorkerHistory, 'keys_per_second' | 'is_clock_suspect'>;

/** What the table of packs can tell by its indexes. */
function packFilter(input: ListHistoryInput, windows: readonly JobWindow[] | null): RawBuilder<unknown> {
  const parts = [sql`true`];
  if (input.worker_id !== undefined) parts.push(sql`p.worker_id = ${input.worker_id}`);
  if (input.worker_type !== undefined) parts.push(sql`p.worker_type = ${input.worker_type}`);
  // Written out, so that the planner sees the partial index of failures.
  if (input.event === 'fail') parts.push(sql`p.has_failure`);
  if (input.from !== undefined) parts.push(sql`p.last_at >= ${input.from}::timestamptz`);
  if (input.to !== undefined) parts.push(sql`p.first_at < ${input.to}::timestamptz`);
  if (input.cursor !== undefined) parts.push(sql`p.first_at <= ${positionOf(input.cursor).finished_at}::timestamptz`);
  if (windows !== null) parts.push(inWindows(windows));
  return sql.join(parts, sql` and `);
}

function rowFilter(input: ListHistoryInput): RawBuilder<unknown> {
  const parts = [sql`true`];
  if (input.job_id !== undefined) parts.push(sql`h.job_id = ${input.job_id}`);
  if (input.event !== undefined) parts.push(sql`h.event = ${input.event}`);
  if (input.from !== undefined) parts.push(sql`h.finished_at >= ${input.from}::timestamptz`);
  if (input.to !== undefined) parts.push(sql`h.finished_at < ${input.to}::timestamptz`);
  if (input.cursor !== undefined) {
    const { finished_at, id } = positionOf(input.cursor);
    parts.push(sql`(h.finished_at, h.id) < (${finished_at}::timestamptz, ${id})`);
  }
  return sql.join(parts, sql` and `);
}

/** The rows of the newest packs, and the time before which other packs may hold rows; null when these are all. */
async function readPacks(
  ctx: CoreContext,
  filters: { pack: RawBuilder<unknown>; row: RawBuilder<unknown> },
  size: { packs: number; rows: number },
): Promise<{ rows: Row[]; horizon: string | null }> {
  const { rows } = await sql<Row & { opened: number; horizon: string | null }>`
    with p as materialized (
      select p.id, p.last_at from worker_history_pack p where ${filters.pack} order by p.last_at desc, p.id desc limit ${size.packs}
    ), seen as (
      select count(*)::int as opened, min(last_at) as horizon from p
    ), h as (
      select h.id, h.worker_id, h.worker_type, h.job_id, h.event, h.keys_scanned, h.duration_ms, h.started_at, h.finished_at
      from p join worker_history h on h.pack_id = p.id where ${filters.row}
      order by h.finished_at desc, h.id desc limit ${size.rows}
    )
    select seen.opened, seen.horizon, h.* from seen left join h on true order by h.finished_at desc, h.id desc`.execute(ctx.database.db);
  const isAll = (rows[0]?.opened ?? 0) < size.packs;
  const found = rows.filter((row) => row.id !== null).map(({ opened: _, horizon: __, ...row }) => row);
  return { rows: found, horizon: isAll ? null : (rows[0]?.horizon ?? null) };
}

/** The newest rows that fit, in order: packs overlap in time, so more are opened until none left could hold a newer row. */
async function readNewest(ctx: CoreContext, input: ListHistoryInput, count: number): Promise<Row[]> {
  const windows = input.job_id === undefined ? null : await windowsOf(ctx, input.job_id);
  const filters = { pack: packFilter(input, windows), row: rowFilter(input) };
  for (let packs = FIRST_PACKS; ; packs *= 4) {
    const { rows, horizon } = await readPacks(ctx, filters, { packs, rows: count });
    const last = rows[count - 1];
    if (horizon === null || (last !== undefined && last.finished_at > horizon)) return rows;
  }
}

/**
 * Rows of the history, newest first, a page at a time; a filter nothing fits answers an empty page.
 * @throws {AppError} VALIDATION for a cursor of another list.
 */
export async function listHistory(ctx: CoreContext, input: ListHistoryInput): Promise<ListHistoryOutput> {
  const rows = await readNewest(ctx, input, input.limit + 1);
  const items = rows.slice(0, input.limit).map((row): WorkerHistory => ({
    id: row.id,
    worker_id: row.worker_id,
    worker_type: row.worker_type,
    job_id: row.job_id,
    event: row.event,
    keys_scanned: row.keys_scanned,
    duration_ms: row.duration_ms,
    keys_per_second: keysPerSecond(row.keys_scanned, row.duration_ms),
    started_at: row.started_at,
    is_clock_suspect: isClockSuspect({ started_at: row.started_at, duration_ms: row.duration_ms, accepted_at: row.finished_at }),
    finished_at: row.finished_at,
  }));
  const last = items.at(-1);
  return { items, next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor(LIST, keyOf(last)) : null };
}

/** Those of one worker, also of a forgotten one. @throws {AppError} NOT_FOUND for one that never was, VALIDATION as above. */
export async function listWorkerHistory(ctx: CoreContext, input: ListWorkerHistoryInput): Promise<ListHistoryOutput> {
  const page = await listHistory(ctx, input);
  if (page.items.length > 0) return page;
  const sessions = ctx.database.db.selectFrom('worker_session').select('session').where('worker_id', '=', input.worker_id);
  if ((await sessions.limit(1).executeTakeFirst()) === undefined) throw notFound('worker', input.worker_id);
  return page;
}
