import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** Keeps what a registering worker says of its kinds; the newest registration counts. Kinds it says nothing of stay as they are. */
export async function recordKindSchemas(
  tx: Transaction<Database>,
  { worker_id, schemas }: { worker_id: string; schemas: Readonly<Record<string, unknown>> },
): Promise<void> {
  // In one order, so that two workers that register together cannot wait for each other in a circle.
  const rows = Object.keys(schemas)
    .sort()
    .map((kind) => ({ kind, schema: JSON.stringify(schemas[kind]), worker_id }));
  if (rows.length === 0) return;
  await tx
    .insertInto('kind_schema')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('kind').doUpdateSet({
        schema: (row) => row.ref('excluded.schema'),
        worker_id: (row) => row.ref('excluded.worker_id'),
        updated_at: sql`now()`,
      }),
    )
    .execute();
}
