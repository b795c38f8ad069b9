import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { lockOpenAttempt } from './attempts.ts';
import { changePublication } from './change-publication.ts';
import { scheduleProblem } from './check-new.ts';
import type { PublicationWithAttempts, UpdatePublicationInput } from './contract.ts';
import type { PublicationMove } from './move-publications.ts';
import type { LockedRow } from './publication-row.ts';
import { invalidMove } from './transitions.ts';

const CLOCK_MARGIN_MS = 300_000;

function latest(left: string, right: string | null): string {
  return right !== null && Date.parse(right) > Date.parse(left) ? new Date(right).toISOString() : left;
}

function reschedule(row: LockedRow, input: UpdatePublicationInput): PublicationMove {
  const scheduled_for = input.scheduled_for ?? null;
  if (row.status !== 'pending' && row.status !== 'scheduled') {
    throw invalidMove(row, 'scheduled', 'Only a publication that waits can be scheduled.');
  }
  const problem = scheduled_for === null ? null : scheduleProblem(scheduled_for, Date.parse(row.now), Date.parse(row.now));
  if (problem !== null) throw invalid('scheduled_for', problem);
  const isLater = scheduled_for !== null && Date.parse(scheduled_for) > Date.parse(row.now);
  if (!isLater && row.status === 'pending')
    return { row, to: 'pending', sub: row.sub_status as PublicationMove['sub'], by: 'reschedule', set: { scheduled_for } };
  return {
    row,
    to: isLater ? 'scheduled' : 'pending',
    sub: null,
    by: 'reschedule',
    set: { scheduled_for, next_try_at: null, due_at: latest(row.requested_at, scheduled_for) },
  };
}

/** What a person or an external publisher says of a publication that the queue does not hold. */
function report(row: LockedRow, input: UpdatePublicationInput): PublicationMove {
  const to = input.status ?? row.status;
  if (row.status === 'failed' && row.sub_status !== 'unconfirmed') throw invalidMove(row, to, 'Retry it first.');
  if (typeof input.published_at === 'string') {
    if (to !== 'success') throw invalid('published_at', 'needs the status "success"');
    if (Date.parse(input.published_at) > Date.parse(row.now) + CLOCK_MARGIN_MS) throw invalid('published_at', 'must not lie in the future');
  }
  return {
    row,
    to,
    sub: to === 'failed' ? (input.sub_status ?? 'reported') : null,
    by: 'update',
    set: {
      ...(typeof input.published_at === 'string' ? { published_at: new Date(input.published_at).toISOString() } : {}),
      ...(input.external_id === undefined ? {} : { external_id: input.external_id }),
      error: to === 'success' ? null : (input.error ?? row.error),
    },
  };
}

/** What the queue has sent, or is about to, nobody may hand back or give up: a retry would publish it twice. */
async function requireNotHeld(tx: Transaction<Database>, row: LockedRow, to: LockedRow['status']): Promise<void> {
  if (row.status !== 'processing' || to === 'success' || to === 'processing') return;
  const isHeld = row.awaiting_since !== null || (await lockOpenAttempt(tx, row.id)) !== null;
  if (isHeld) throw invalidMove(row, to, 'The queue has sent it or is about to: cancel it, or wait for the outcome.');
}

function isSame(row: LockedRow, input: UpdatePublicationInput): boolean {
  const isUnchanged = (given: string | null | undefined, held: string | null): boolean => given === undefined || given === held;
  return (
    row.status === input.status &&
    isUnchanged(input.external_id, row.external_id) &&
    isUnchanged(input.error, row.error) &&
    (typeof input.published_at !== 'string' ||
      (row.published_at !== null && Date.parse(input.published_at) === Date.parse(row.published_at)))
  );
}

/**
 * Changes a publication: another `scheduled_for` while it waits, or a status as a person or an external publisher knows it.
 * Saying what is so already changes nothing.
 * @throws {AppError} NOT_FOUND, INVALID_TRANSITION, VALIDATION
 */
export async function updatePublication(ctx: CoreContext, input: UpdatePublicationInput): Promise<PublicationWithAttempts> {
  const says = input.status !== undefined;
  if (says && input.scheduled_for !== undefined) throw invalid('scheduled_for', 'must not be given together with status');
  if (!says && input.scheduled_for === undefined) {
    const extra = (['sub_status', 'published_at', 'external_id', 'error'] as const).find((field) => input[field] !== undefined);
    if (extra !== undefined) throw invalid(extra, 'needs a status beside it');
  }
  return changePublication(ctx, input.id, async (row, tx) => {
    if (input.status !== undefined) {
      if (isSame(row, input)) return null;
      await requireNotHeld(tx, row, input.status);
      return report(row, input);
    }
    return input.scheduled_for === undefined ? null : reschedule(row, input);
  });
}
