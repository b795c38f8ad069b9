import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { SetPasswordInput, UpdateUserInput, User } from './contract.ts';
import { requireOwnPassword } from './create-user.ts';
import { endSessionsOf } from './end-sessions.ts';
import { hashPassword } from './passwords.ts';
import { USER_COLUMNS } from './user-row.ts';

/** Advisory lock that keeps two administrators from disabling each other at the same moment. */
const ADMIN_LOCK = 1_953_064_039;

function conflict(message: string, data?: Record<string, unknown>): AppError {
  return new AppError('CONFLICT', message, data === undefined ? {} : { data });
}

async function requireOtherAdmin(tx: Transaction<Database>, id: string): Promise<void> {
  const other = await tx
    .selectFrom('user_account')
    .select('id')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .where('id', '!=', id)
    .limit(1)
    .executeTakeFirst();
  if (other === undefined)
    throw conflict('This is the last administrator. Make somebody else an administrator first.', { reason: 'last_admin' });
}

async function readForUpdate(tx: Transaction<Database>, id: string): Promise<User> {
  const row = await tx.selectFrom('user_account').select(USER_COLUMNS).where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) throw notFound('user', id);
  return row;
}

function refuseOwnHarm(before: User, input: UpdateUserInput, actorId: string | null): void {
  if (before.id !== actorId) return;
  if (input.is_disabled === true) throw conflict('You cannot disable yourself; another administrator can.', { reason: 'self' });
  if (input.role !== undefined && input.role !== before.role)
    throw new AppError('FORBIDDEN', 'You cannot change your own role; another administrator can.', { data: { reason: 'self' } });
}

/**
 * Changes what is given. A new role and a disabling end the person's sessions in the same transaction.
 * @throws {AppError} NOT_FOUND, CONFLICT (`data.reason`: `version`, `last_admin`, `self`), FORBIDDEN for one's own role
 */
export async function updateUser(ctx: CoreContext, input: UpdateUserInput, actorId: string | null): Promise<User> {
  return ctx.database.db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${ADMIN_LOCK})`.execute(tx);
    const before = await readForUpdate(tx, input.id);
    if (input.version !== undefined && input.version !== before.version)
      throw conflict('This user has changed since you looked. Read it again, then repeat your change.', {
        reason: 'version',
        current_version: before.version,
      });
    refuseOwnHarm(before, input, actorId);
    const role = input.role ?? before.role;
    const isDisabled = input.is_disabled ?? before.disabled_at !== null;
    const wasAdmin = before.role === 'admin' && before.disabled_at === null;
    if (wasAdmin && (role !== 'admin' || isDisabled)) await requireOtherAdmin(tx, before.id);
    if (isDisabled) await endSessionsOf(tx, { user_id: before.id, reason: 'disabled' });
    else if (role !== before.role) await endSessionsOf(tx, { user_id: before.id, reason: 'role_changed' });
    return tx
      .updateTable('user_account')
      .set({
        role,
        name: input.name === undefined ? before.name : input.name,
        sees_payloads: input.sees_payloads ?? before.sees_payloads,
        version: before.version + 1,
        disabled_at: isDisabled ? sql<string>`coalesce(disabled_at, now())` : null,
      })
      .where('id', '=', before.id)
      .returning(USER_COLUMNS)
      .executeTakeFirstOrThrow();
  });
}

/** Sets another password and ends every session but the one kept. @throws {AppError} NOT_FOUND */
export async function setPassword(ctx: CoreContext, input: SetPasswordInput, keptSession?: string): Promise<User> {
  const password = await hashPassword(input.password);
  return ctx.database.db.transaction().execute(async (tx) => {
    const before = await readForUpdate(tx, input.id);
    requireOwnPassword(input.password, before.email);
    await endSessionsOf(tx, { user_id: before.id, reason: 'password_changed', except: keptSession });
    return tx
      .updateTable('user_account')
      .set({ password, version: before.version + 1 })
      .where('id', '=', before.id)
      .returning(USER_COLUMNS)
      .executeTakeFirstOrThrow();
  });
}
