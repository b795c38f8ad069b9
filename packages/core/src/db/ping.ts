import { sql, type Kysely } from 'kysely';
import { AppError } from '../errors.ts';
import type { Database } from './schema.ts';

/** @throws UNAVAILABLE when the database does not answer within `timeoutMs`. */
export async function ping(db: Kysely<Database>, timeoutMs: number): Promise<void> {
  const answer = sql`select 1`.execute(db).then(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('UNAVAILABLE', `The database did not answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  // The late answer of a lost race must not become an unhandled rejection.
  answer.catch(() => undefined);
  try {
    await Promise.race([answer, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
