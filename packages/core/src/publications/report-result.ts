import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { changePublication } from './change-publication.ts';
import type { PublicationWithAttempts, ReportResultInput } from './contract.ts';
import type { PublicationMove } from './move-publications.ts';
import type { LockedRow } from './publication-row.ts';
import { invalidMove } from './transitions.ts';

function contradicts(row: LockedRow): AppError {
  const held = row.status === 'success' ? `published as "${row.external_id ?? ''}"` : `failed (${row.sub_status ?? 'without a reason'})`;
  return new AppError('CONFLICT', `Publication ${row.id} is ${held}, which this result contradicts.`, {
    data: { id: row.id, status: row.status, external_id: row.external_id },
  });
}

function succeed(row: LockedRow, input: ReportResultInput): PublicationMove | null {
  if (row.status === 'success') {
    if (row.external_id === (input.external_id ?? null)) return null;
    throw contradicts(row);
  }
  if (row.status === 'failed' && row.sub_status !== 'unconfirmed') throw contradicts(row);
  const published_at = input.published_at === undefined ? row.now : new Date(input.published_at).toISOString();
  return { row, to: 'success', sub: null, by: 'result', set: { external_id: input.external_id ?? null, published_at, error: null } };
}

function fail(row: LockedRow, input: ReportResultInput): PublicationMove | null {
  if (row.status === 'success') throw contradicts(row);
  const sub = input.sub_status ?? 'reported';
  const error = input.error ?? 'The platform reported a failure.';
  if (row.status === 'failed' && row.sub_status !== 'unconfirmed') {
    if (row.sub_status === sub) return null;
    throw contradicts(row);
  }
  return { row, to: 'failed', sub, by: 'result', set: { error } };
}

/**
 * Takes the result of a publication that was accepted before, or whose outcome was unclear. The same result again changes nothing.
 * @throws {AppError} NOT_FOUND, CONFLICT when it contradicts what is known, INVALID_TRANSITION when nothing was sent.
 */
export async function reportResult(ctx: CoreContext, input: ReportResultInput): Promise<PublicationWithAttempts> {
  const status = input.status ?? (input.error === undefined ? 'success' : 'failed');
  return changePublication(ctx, input.id, (row) => {
    if (row.status === 'pending' || row.status === 'scheduled' || row.status === 'cancelled') {
      throw invalidMove(row, status, 'It was not sent, so it has no result.');
    }
    return status === 'success' ? succeed(row, input) : fail(row, input);
  });
}
