import { sql, type Selectable, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** Rows of one statement: few enough that a parameter stays some megabytes. */
const CHUNK = 4000;

/**
 * Inserts many rows in few statements, each with one parameter. All rows name the same columns; the others get their defaults.
 * Columns of JSON take objects, as they are read.
 */
export async function insertRows<Name extends keyof Database>(
  tx: Transaction<Database>,
  table: Name,
  rows: readonly Partial<Selectable<Database[Name]>>[],
): Promise<void> {
  const columns = sql.join(Object.keys(rows[0] ?? {}).map((name) => sql.ref(name)));
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = JSON.stringify(rows.slice(start, start + CHUNK));
    await sql`insert into ${sql.table(table)} (${columns})
      select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${chunk}::json)`.execute(tx);
  }
}
