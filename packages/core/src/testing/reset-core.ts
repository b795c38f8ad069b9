import { sql } from 'kysely';
import type { TestCore } from './create-test-core.ts';

/** Empties every table of the engine, so that the tests of a file share one database. */
export async function resetCore({ core }: TestCore): Promise<void> {
  await sql`truncate workload, attempt, lease, counter, event, worker`.execute(core.database.db);
  await sql`update stream set position = 0, floor = 0`.execute(core.database.db);
  core.roster.forget('*');
}
