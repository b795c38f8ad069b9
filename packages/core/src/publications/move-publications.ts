import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { appendEvent } from '../events/index.ts';
import type { PublicationStatus, SubStatus } from './contract.ts';
import type { LockedRow, PublicationRow } from './publication-row.ts';
import { PublicationTally } from './tally.ts';
import { canMove, invalidMove, type PublicationTrigger } from './transitions.ts';

/** Stream and topic of every change of a publication. */
export const PUBLICATIONS_TOPIC = 'publications';
/** Topic on which the queue hears that there may be something to do. */
export const QUEUE_TOPIC = 'publish_queue';

/** Columns that a move may set. */
export const CHANGEABLE = {
  status: 'text',
  sub_status: 'text',
  scheduled_for: 'timestamptz',
  due_at: 'timestamptz',
  next_try_at: 'timestamptz',
  published_at: 'timestamptz',
  external_id: 'text',
  error: 'text',
  attempt: 'int',
  transient_failures: 'int',
  awaiting_since: 'timestamptz',
} as const satisfies Partial<Record<keyof PublicationRow, string>>;
type Changeable = keyof typeof CHANGEABLE;

export interface PublicationMove {
  readonly row: LockedRow;
  readonly to: PublicationStatus;
  readonly sub: SubStatus | null;
  readonly by: PublicationTrigger;
  readonly set?: Partial<Pick<PublicationRow, Exclude<Changeable, 'status' | 'sub_status'>>>;
}

function movedRow(move: PublicationMove): PublicationRow {
  const { row, to, sub } = move;
  const isWaiting = to === 'pending' || to === 'scheduled';
  return {
    ...row,
    next_try_at: isWaiting ? row.next_try_at : null,
    awaiting_since: to === 'processing' ? row.awaiting_since : null,
    ...move.set,
    published_at: to === 'success' ? (move.set?.published_at ?? row.published_at ?? row.now) : null,
    status: to,
    sub_status: sub,
  };
}

async function saveRows(tx: Transaction<Database>, rows: readonly PublicationRow[]): Promise<void> {
  const names = Object.keys(CHANGEABLE) as Changeable[];
  const columns = names.map((name) => sql`${rows.map((row) => row[name])}::${sql.raw(CHANGEABLE[name])}[]`);
  const sets = names.map((name) => sql`${sql.ref(name)} = i.${sql.ref(name)}`);
  await sql`update publication p set ${sql.join(sets)}, updated_at = now()
    from unnest(${rows.map((row) => row.id)}::text[], ${sql.join(columns)}) as i(id, ${sql.join(names.map((name) => sql.ref(name)))})
    where p.id = i.id`.execute(tx);
}

function eventOf(move: PublicationMove, after: PublicationRow): { type: string; [field: string]: unknown } {
  return {
    type: `publication.${after.status}`,
    id: after.id,
    from: move.row.status,
    status: after.status,
    sub_status: after.sub_status,
    platform: after.platform,
    by: move.by,
    attempt: after.attempt,
    ...(after.external_id === null ? {} : { external_id: after.external_id }),
  };
}

/**
 * Moves locked publications where the table allows, in the caller's transaction: rows, counters and events. One call per
 * transaction, with every publication that changes in it: the locks of the counters are taken in one order then.
 * @throws {AppError} INVALID_TRANSITION when the table has no such arrow.
 */
export async function movePublications(tx: Transaction<Database>, moves: readonly PublicationMove[]): Promise<PublicationRow[]> {
  if (moves.length === 0) return [];
  const tally = new PublicationTally();
  const rows = moves.map((move) => {
    if (!canMove(move.row.status, move.to, move.by)) throw invalidMove(move.row, move.to);
    const after = movedRow(move);
    tally.change(move.row, after, move.row.now);
    return after;
  });
  await saveRows(tx, rows);
  await tally.save(tx);
  await appendEvent(
    tx,
    PUBLICATIONS_TOPIC,
    moves.map((move, index) => eventOf(move, rows[index] ?? move.row)),
  );
  return rows;
}
