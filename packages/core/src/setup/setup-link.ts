import { sql } from 'kysely';
import { hashSecret, newSecret } from '../access/index.ts';
import { AppError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { openSession, type OpenedSession, type SignInOrigin } from '../sessions/index.ts';
import { hashPassword, hasUser, insertUser, requireOwnPassword } from '../users/index.ts';
import { SETUP_LINK_HOURS, type CheckSetupInput, type CheckSetupOutput, type CompleteSetupInput } from './contract.ts';

/** A token for the first account: 200 random bits, kept as a digest. Null once anybody has an account. */
export async function createSetupToken(ctx: CoreContext): Promise<string | null> {
  if (await hasUser(ctx)) return null;
  const token = newSecret();
  const { db } = ctx.database;
  await db
    .deleteFrom('setup_link')
    .where(sql<boolean>`expires_at <= now()`)
    .execute();
  await db
    .insertInto('setup_link')
    .values({ hash: hashSecret(token), expires_at: sql<string>`now() + ${`${SETUP_LINK_HOURS} hours`}::interval` })
    .execute();
  return token;
}

async function findLink(ctx: CoreContext, token: string): Promise<{ expires_at: string } | null> {
  const row = await ctx.database.db
    .selectFrom('setup_link')
    .select('expires_at')
    .where('hash', '=', hashSecret(token))
    .where(sql<boolean>`expires_at > now()`)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether the token of a printed link still makes the first account. @throws {AppError} NOT_FOUND once there is one */
export async function checkSetup(ctx: CoreContext, input: CheckSetupInput): Promise<CheckSetupOutput> {
  if (await hasUser(ctx)) throw notFound('setup', 'done');
  const link = await findLink(ctx, input.token);
  return { is_valid: link !== null, expires_at: link?.expires_at ?? null };
}

/**
 * Makes the first account, an administrator's, and signs it in. Of several at once one succeeds.
 * @throws {AppError} NOT_FOUND once it is done, UNAUTHORIZED for a wrong or old token, CONFLICT for who came second
 */
export async function completeSetup(ctx: CoreContext, input: CompleteSetupInput, origin: SignInOrigin): Promise<OpenedSession> {
  if (await hasUser(ctx)) throw notFound('setup', 'done');
  if ((await findLink(ctx, input.token)) === null) {
    throw new AppError('UNAUTHORIZED', 'This link is not valid, or no longer. Restart the server: it prints a new one.', {
      data: { reason: 'setup' },
    });
  }
  requireOwnPassword(input.password, input.email);
  const password = await hashPassword(input.password);
  return ctx.database.db.transaction().execute(async (tx) => {
    const id = newId('usr', ctx.now());
    const claim = await tx
      .insertInto('setup_claim')
      .values({ user_id: id })
      .onConflict((conflict) => conflict.doNothing())
      .returning('user_id')
      .executeTakeFirst();
    if (claim === undefined) throw new AppError('CONFLICT', 'Somebody else has just made the first account. Sign in, or ask them.');
    await insertUser(tx, { id, email: input.email, name: input.name ?? null, role: 'admin', password, sees_payloads: true });
    await tx.deleteFrom('setup_link').execute();
    return openSession(tx, { user_id: id, origin, now_ms: ctx.now() });
  });
}
