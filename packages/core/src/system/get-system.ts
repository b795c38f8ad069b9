import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { System } from './contract.ts';

interface SizeRow {
  version: string;
  size_bytes: number;
  now: string;
  tables: string;
}

/** What the database says of itself: its size and its largest tables. Sizes come from the catalogue; no table is read. */
export async function getSystem(ctx: CoreContext): Promise<Pick<System, 'server_time' | 'database'>> {
  const { rows } = await sql<SizeRow>`
    with sizes as (
      select c.relname as name, pg_total_relation_size(c.oid) as size_bytes, c.reltuples::bigint as rows_estimate
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname = current_schema() order by 2 desc limit 20
    )
    select current_setting('server_version') as version, pg_database_size(current_database()) as size_bytes, now() as now,
      (select coalesce(json_agg(sizes order by size_bytes desc), '[]') from sizes)::text as tables`.execute(ctx.database.db);
  const [row] = rows;
  if (row === undefined) throw new Error('unreachable: a select without a table has one row');
  const { engine, is_power_loss_safe } = ctx.database.capabilities;
  return {
    server_time: row.now,
    database: {
      engine,
      version: row.version,
      is_power_loss_safe,
      size_bytes: row.size_bytes,
      tables: JSON.parse(row.tables) as System['database']['tables'],
    },
  };
}
