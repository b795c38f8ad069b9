import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ListMonitorsInput, ListMonitorsOutput } from './contract.ts';
import { selectMonitors } from './get-monitor.ts';
import { toMonitor } from './monitor-row.ts';

function escaped(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (char) => `\\${char}`)}%`;
}

function filtered(ctx: CoreContext, input: ListMonitorsInput) {
  let query = selectMonitors(ctx.database.db);
  if (input.status !== undefined) query = query.where('monitor.status', '=', input.status);
  if (input.last_result !== undefined) query = query.where('state.last_result', '=', input.last_result);
  if (input.tag !== undefined) query = query.where(sql<boolean>`monitor.tags @> array[${input.tag}]::text[]`);
  if (input.q !== undefined) {
    const pattern = escaped(input.q);
    query = query.where((where) =>
      where.or([where('monitor.name', 'ilike', pattern), where('monitor.url', 'ilike', pattern), where('monitor.id', 'like', pattern)]),
    );
  }
  return query;
}

/** Monitors, newest first; `total` counts all that match. */
export async function listMonitors(ctx: CoreContext, input: ListMonitorsInput): Promise<ListMonitorsOutput> {
  let query = filtered(ctx, input)
    .orderBy('monitor.id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('monitor.id', '<', decodeCursor('monitors', input.cursor));
  const [rows, counted, maintenance] = await Promise.all([
    query.execute(),
    filtered(ctx, input)
      .clearSelect()
      .select(sql<number>`count(*)::int`.as('count'))
      .executeTakeFirstOrThrow(),
    ctx.database.db.selectFrom('maintenance').selectAll().execute(),
  ]);
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => toMonitor(row, { maintenance, now_ms: ctx.now() })),
    next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('monitors', last.id) : null,
    total: counted.count,
  };
}
