import { sql } from 'kysely';
import type { TestCore } from './create-test-core.ts';

/** Empties every table of the engine, so that the tests of a file share one database. */
export async function resetCore({ core }: TestCore): Promise<void> {
  await core.history.flush();
  await sql`truncate workload, attempt, lease, lease_grant, counter, event, worker, worker_session, worker_flag, worker_history_pack, throughput_bucket`.execute(
    core.database.db,
  );
  await sql`update stream set position = 0, floor = 0`.execute(core.database.db);
  core.roster.forget('*');
}
