import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import { keepAdopted } from '../runs/index.ts';
import type { ListMonitorsInput, ListMonitorsOutput, Monitor } from './contract.ts';
import { selectMonitors } from './get-monitor.ts';
import { toMonitor } from './monitor-row.ts';
import { rankMonitors } from './rank-monitors.ts';

function escaped(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, (char) => `\\${char}`)}%`;
}

function filtered(ctx: CoreContext, input: ListMonitorsInput) {
  let query = selectMonitors(ctx.database.db);
  if (input.status !== undefined) query = query.where('monitor.status', '=', input.status);
  if (input.type !== undefined) query = query.where('monitor.type', '=', input.type);
  if (input.last_result !== undefined) query = query.where('state.last_result', '=', input.last_result);
  if (input.tag !== undefined) query = query.where(sql<boolean>`monitor.tags @> array[${input.tag}]::text[]`);
  if (input.ids !== undefined) query = query.where(sql<boolean>`monitor.id = any(${input.ids}::text[])`);
  if (input.q !== undefined) {
    const pattern = escaped(input.q);
    query = query.where((where) =>
      where.or([where('monitor.name', 'ilike', pattern), where('monitor.url', 'ilike', pattern), where('monitor.id', 'like', pattern)]),
    );
  }
  return query;
}

async function listNewest(ctx: CoreContext, input: ListMonitorsInput): Promise<ListMonitorsOutput> {
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
    by_state: null,
  };
}

/** Where a page of the list by urgency begins: after the monitor the last one ended with, wherever that stands now. */
function startOf(ranked: readonly { id: string }[], cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [offset = '', id = ''] = decodeCursor('urgent', cursor).split(':');
  const index = ranked.findIndex((entry) => entry.id === id);
  return index === -1 ? Number.parseInt(offset, 10) || 0 : index + 1;
}

async function readInOrder(ctx: CoreContext, ids: readonly string[]): Promise<Monitor[]> {
  const [rows, maintenance] = await Promise.all([
    selectMonitors(ctx.database.db)
      .where(sql<boolean>`monitor.id = any(${[...ids]}::text[])`)
      .execute(),
    ctx.database.db.selectFrom('maintenance').selectAll().execute(),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [toMonitor(row, { maintenance, now_ms: ctx.now() })];
  });
}

async function listUrgent(ctx: CoreContext, input: ListMonitorsInput): Promise<ListMonitorsOutput> {
  const rows = await filtered(ctx, input)
    .clearSelect()
    .select([
      'monitor.id',
      'monitor.name',
      'monitor.tags',
      'monitor.status',
      'monitor.interval_seconds',
      'monitor.cron',
      'monitor.timezone',
    ])
    .select(['monitor.timeout_ms', 'monitor.retries', 'state.side', 'state.last_run_at'])
    .execute();
  const { ranked, by_state } = await rankMonitors(ctx, rows);
  const states = input.state === undefined ? null : new Set([input.state].flat());
  const matching = states === null ? ranked : ranked.filter((entry) => states.has(entry.state));
  const start = startOf(matching, input.cursor);
  const page = matching.slice(start, start + input.limit);
  const last = page.at(-1);
  const end = start + page.length;
  return {
    items: await readInOrder(
      ctx,
      page.map((entry) => entry.id),
    ),
    next_cursor: end < matching.length && last !== undefined ? encodeCursor('urgent', `${end}:${last.id}`) : null,
    total: matching.length,
    by_state,
  };
}

/** Monitors, newest first, or those that need attention first; `total` counts all that match. */
export async function listMonitors(ctx: CoreContext, input: ListMonitorsInput): Promise<ListMonitorsOutput> {
  await keepAdopted(ctx);
  return input.order === 'urgent' || input.state !== undefined ? listUrgent(ctx, input) : listNewest(ctx, input);
}
