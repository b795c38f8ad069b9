import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ListHistoryInput, ListHistoryOutput, WorkerHistory } from './contract.ts';

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

/**
 * Rows of the history, newest first, a page at a time; a filter nothing fits answers an empty page.
 * @throws {AppError} VALIDATION for a cursor of another list.
 */
export async function listHistory(ctx: CoreContext, input: ListHistoryInput): Promise<ListHistoryOutput> {
  let query = ctx.database.db
    .selectFrom('worker_history')
    .selectAll()
    .orderBy('finished_at', 'desc')
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.worker_id !== undefined) query = query.where('worker_id', '=', input.worker_id);
  if (input.job_id !== undefined) query = query.where('job_id', '=', input.job_id);
  if (input.worker_type !== undefined) query = query.where('worker_type', '=', input.worker_type);
  // Written out, so that the planner sees the partial index of failures.
  if (input.event !== undefined) query = query.where(sql<boolean>`event = ${sql.lit(input.event)}`);
  if (input.from !== undefined) query = query.where('finished_at', '>=', input.from);
  if (input.to !== undefined) query = query.where('finished_at', '<', input.to);
  if (input.cursor !== undefined) {
    const { finished_at, id } = positionOf(input.cursor);
    query = query.where(sql<boolean>`(finished_at, id) < (${finished_at}::timestamptz, ${id})`);
  }
  const rows = await query.execute();
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor(LIST, keyOf(last)) : null };
}
