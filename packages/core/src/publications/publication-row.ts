import { sql, type Selectable, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PublicationTable } from '../db/publishing-tables.ts';
import type { Publication, SubStatus } from './contract.ts';

export type PublicationRow = Selectable<PublicationTable>;

/** A row locked for a change, with the time of the transaction by the database's clock. */
export interface LockedRow extends PublicationRow {
  readonly now: string;
}

/** Locks publications in the order of their ids, so that writers of several never wait for each other in a circle. Missing ones are left out. */
export async function lockPublications(tx: Transaction<Database>, ids: readonly string[]): Promise<LockedRow[]> {
  if (ids.length === 0) return [];
  return tx
    .selectFrom('publication')
    .selectAll()
    .select(sql<string>`now()`.as('now'))
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
}

/** A publication as it is told; `wait_reason` is explained by the caller. */
export function toPublication(row: PublicationRow): Publication {
  return {
    id: row.id,
    clip_id: row.clip_id,
    platform: row.platform,
    platform_key: row.platform_key,
    social_account_id: row.social_account_id,
    campaign_id: row.campaign_id,
    status: row.status,
    sub_status: row.sub_status as SubStatus | null,
    wait_reason: null,
    requested_at: row.requested_at,
    scheduled_for: row.scheduled_for,
    due_at: row.due_at,
    next_try_at: row.next_try_at,
    published_at: row.published_at,
    external_id: row.external_id,
    error: row.error,
    attempt: row.attempt,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
