import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { MonitorState } from '../monitors/contract.ts';

export interface OpenOutage {
  readonly test_id: string;
  readonly opened_at: string;
  readonly acknowledged_at: string | null;
}

/** Outages that go on: of one monitor, or of all. */
export async function listOpenOutages(db: Kysely<Database>, testId?: string): Promise<OpenOutage[]> {
  return db
    .selectFrom('outage')
    .select(['test_id', 'opened_at', 'acknowledged_at'])
    .where('resolved_at', 'is', null)
    .$if(testId !== undefined, (query) => query.where('test_id', '=', testId ?? ''))
    .execute();
}

/** What everybody is told: what was down when it was last seen, and has not been seen since, is down. */
export function publicState(state: MonitorState, outage: OpenOutage | undefined): MonitorState {
  return state === 'unknown' && outage !== undefined ? 'down' : state;
}
