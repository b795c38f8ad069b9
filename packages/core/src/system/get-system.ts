import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { System } from './contract.ts';

/** An embedded database asks for each of its files, on the one connection that everybody waits for. */
const KEPT_MS = 15_000;

interface SizeRow {
  version: string;
  size_bytes: number;
  tables: string;
}

interface Kept {
  readonly at: number;
  readonly sizes: Promise<SizeRow>;
}

const kept = new WeakMap<CoreContext['database'], Kept>();

async function readSizes(ctx: CoreContext): Promise<SizeRow> {
  const { rows } = await sql<SizeRow>`
    with sizes as (
      select c.relname as name, pg_total_relation_size(c.oid) as size_bytes, c.reltuples::bigint as rows_estimate
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname = current_schema() order by 2 desc limit 20
    )
    select current_setting('server_version') as version, pg_database_size(current_database()) as size_bytes,
      (select coalesce(json_agg(sizes order by size_bytes desc), '[]') from sizes)::text as tables`.execute(ctx.database.db);
  const [row] = rows;
  if (row === undefined) throw new Error('unreachable: a select without a table has one row');
  return row;
}

/** Those of the last moments, or those that are being read. */
function sizesOf(ctx: CoreContext): Promise<SizeRow> {
  const known = kept.get(ctx.database);
  if (known !== undefined && Math.abs(ctx.now() - known.at) < KEPT_MS) return known.sizes;
  const sizes = readSizes(ctx);
  kept.set(ctx.database, { at: ctx.now(), sizes });
  sizes.catch(() => kept.delete(ctx.database));
  return sizes;
}

/** What the database says of itself: its size and its largest tables, at most 15 s old. No table is read. */
export async function getSystem(ctx: CoreContext): Promise<Pick<System, 'server_time' | 'database'>> {
  const [sizes, { rows }] = await Promise.all([sizesOf(ctx), sql<{ now: string }>`select now() as now`.execute(ctx.database.db)]);
  const { engine, is_power_loss_safe } = ctx.database.capabilities;
  return {
    server_time: rows[0]?.now ?? new Date(ctx.now()).toISOString(),
    database: {
      engine,
      version: sizes.version,
      is_power_loss_safe,
      size_bytes: sizes.size_bytes,
      tables: JSON.parse(sizes.tables) as System['database']['tables'],
    },
  };
}
