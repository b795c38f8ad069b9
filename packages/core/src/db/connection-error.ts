import pg from 'pg';
import { AppError } from '../errors.ts';

/** Classes 08, 53 (resources), 57P (shutdown), and a cancelled or timed-out statement: the caller may try again later. */
const UNAVAILABLE_SQLSTATE = /^(?:08...|53...|57P0[1-5]|57014|55P03|25P03)$/;

/** The server never answered, or the connection broke: nothing is known about the statement's outcome. */
export function isConnectionError(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(?:08|57P)/.test(error.code ?? '');
}

/** Refusals of the database (constraint, syntax) stay as they are; whatever means "not now" becomes UNAVAILABLE. */
export function asUnavailable(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof pg.DatabaseError && !UNAVAILABLE_SQLSTATE.test(error.code ?? '')) return error;
  return new AppError('UNAVAILABLE', 'The database did not answer. Try again in a moment.', { cause: error });
}
