import type { ExpressionBuilder } from 'kysely';
import { csvOf } from '../csv.ts';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { Database } from '../db/schema.ts';
import { jsonLinesOf } from '../pages.ts';
import type { CoreContext } from '../ports/index.ts';
import type { AuditEntry, ExportAuditInput, ListAuditInput, ListAuditOutput } from './contract.ts';

const LIST = 'audit';
const PAGE = 500;

type Row = Omit<AuditEntry, 'details'> & { details: string | null };

function conditions(input: ExportAuditInput) {
  return (eb: ExpressionBuilder<Database, 'audit_entry'>) => {
    const all = [];
    if (input.actor_id !== undefined) all.push(eb('actor_id', '=', input.actor_id));
    if (input.target !== undefined) all.push(eb('target', '=', input.target));
    if (input.outcome !== undefined) all.push(eb('outcome', '=', input.outcome));
    if (input.from !== undefined) all.push(eb('at', '>=', input.from));
    if (input.to !== undefined) all.push(eb('at', '<', input.to));
    if (input.action !== undefined)
      all.push(
        eb.or([eb('action', '=', input.action), eb('action', 'like', `${input.action.replace(/[\\%_]/g, (char) => `\\${char}`)}.%`)]),
      );
    return eb.and(all);
  };
}

async function readPage(ctx: CoreContext, input: ListAuditInput): Promise<{ items: Row[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('audit_entry')
    .selectAll()
    .where(conditions(input))
    .orderBy('position', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('position', '<', Number(decodeCursor(LIST, input.cursor)));
  const rows = await query.execute();
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor(LIST, String(last.position)) : null };
}

function toEntry(row: Row): AuditEntry {
  return { ...row, details: row.details === null ? null : (JSON.parse(row.details) as unknown) };
}

/** The newest first. @throws {AppError} VALIDATION for a cursor of another list */
export async function listAudit(ctx: CoreContext, input: ListAuditInput): Promise<ListAuditOutput> {
  const { items, next_cursor } = await readPage(ctx, input);
  return { items: items.map((row) => toEntry(row)), next_cursor };
}

const COLUMNS = [
  'position',
  'at',
  'actor_kind',
  'actor_id',
  'actor_name',
  'address',
  'action',
  'target',
  'outcome',
  'item_count',
  'request_id',
  'details',
  'previous_hash',
  'hash',
] as const satisfies readonly (keyof Row)[];

/** Everything that fits, as CSV, the newest first. */
export function exportAuditCsv(ctx: CoreContext, input: ExportAuditInput, signal: AbortSignal): AsyncGenerator<string, void> {
  return csvOf(COLUMNS, (cursor) => readPage(ctx, { ...input, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }), signal);
}

/** Everything that fits, one JSON object per line, the newest first. @throws {AppError} UNAVAILABLE when `signal` aborts before the end */
export function exportAuditLines(ctx: CoreContext, input: ExportAuditInput, signal: AbortSignal): AsyncGenerator<string, void> {
  return jsonLinesOf((cursor) => listAudit(ctx, { ...input, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }), signal);
}
