import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { hashPassword, isOutdated, isPassword, normalEmail, setPassword } from '../users/index.ts';
import type { ChangePasswordInput, SignInInput } from './contract.ts';
import { openSession, type OpenedSession, type SignInOrigin } from './open-session.ts';
import { refundTry, spendTry } from './sign-in-budget.ts';

function wrong(): AppError {
  return new AppError('UNAUTHORIZED', 'E-mail or password is wrong, or the account is disabled.', { data: { reason: 'sign_in' } });
}

interface Known {
  readonly id: string;
  readonly password: string | null;
  readonly disabled_at: string | null;
}

async function requirePassword(ctx: CoreContext, known: Known | undefined, password: string): Promise<Known> {
  const isRight = await isPassword(password, known?.password ?? null);
  if (known === undefined || known.password === null || !isRight || known.disabled_at !== null) throw wrong();
  if (isOutdated(known.password)) {
    const renewed = await hashPassword(password);
    await ctx.database.db.updateTable('user_account').set({ password: renewed }).where('id', '=', known.id).execute();
  }
  return known;
}

/**
 * Opens a session for who knows the password. Unknown, disabled and mistyped are one answer that takes one time.
 * @throws {AppError} UNAUTHORIZED, RATE_LIMITED after too many wrong tries
 */
export async function signIn(ctx: CoreContext, input: SignInInput, origin: SignInOrigin): Promise<OpenedSession> {
  const attempt = { email: normalEmail(input.email), address: origin.address };
  await spendTry(ctx, attempt);
  const found = await ctx.database.db
    .selectFrom('user_account')
    .select(['id', 'password', 'disabled_at'])
    .where('email', '=', attempt.email)
    .executeTakeFirst();
  const known = await requirePassword(ctx, found, input.password);
  await refundTry(ctx, attempt);
  return ctx.database.db.transaction().execute((tx) => openSession(tx, { user_id: known.id, origin, now_ms: ctx.now() }));
}

/**
 * Another password for who knows the present one. Every session ends; the answer is a new one.
 * @throws {AppError} UNAUTHORIZED, RATE_LIMITED
 */
export async function changePassword(
  ctx: CoreContext,
  input: ChangePasswordInput & { user_id: string },
  origin: SignInOrigin,
): Promise<OpenedSession> {
  const { db } = ctx.database;
  const found = await db
    .selectFrom('user_account')
    .select(['id', 'email', 'password', 'disabled_at'])
    .where('id', '=', input.user_id)
    .executeTakeFirst();
  const attempt = { email: found?.email ?? '', address: origin.address };
  await spendTry(ctx, attempt);
  const known = await requirePassword(ctx, found, input.current_password);
  await refundTry(ctx, attempt);
  await setPassword(ctx, { id: known.id, password: input.new_password });
  return db.transaction().execute((tx) => openSession(tx, { user_id: known.id, origin, now_ms: ctx.now() }));
}
