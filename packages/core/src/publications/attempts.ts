import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PublicationOutcome } from './contract.ts';

export interface OpenAttempt {
  readonly attempt: number;
  readonly workload_id: string | null;
  readonly sent_at: string | null;
}

/** The attempt under way, locked; null when none is. The publication must be locked before. */
export async function lockOpenAttempt(tx: Transaction<Database>, publicationId: string): Promise<OpenAttempt | null> {
  const row = await tx
    .selectFrom('publication_attempt')
    .select(['attempt', 'workload_id', 'sent_at'])
    .where('publication_id', '=', publicationId)
    .where('finished_at', 'is', null)
    .orderBy('attempt', 'desc')
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Closes an attempt; one that is closed stays as it is. */
export async function closeAttempt(
  tx: Transaction<Database>,
  attempt: { publication_id: string; attempt: number; outcome: PublicationOutcome; http_status: number | null; error: string | null },
): Promise<void> {
  await tx
    .updateTable('publication_attempt')
    .set({ outcome: attempt.outcome, http_status: attempt.http_status, error: attempt.error, finished_at: sql<string>`now()` })
    .where('publication_id', '=', attempt.publication_id)
    .where('attempt', '=', attempt.attempt)
    .where('finished_at', 'is', null)
    .execute();
}
