import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, invalid } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import type { CreateUserInput, User } from './contract.ts';
import { hashPassword } from './passwords.ts';
import { normalEmail, USER_COLUMNS } from './user-row.ts';

/** A password must not be what everybody who knows the address would try first. */
export function requireOwnPassword(password: string, email: string): void {
  if (password.toLowerCase() === email.toLowerCase()) throw invalid('password', 'must not be the e-mail address');
}

/** Inserts a person whose password is hashed already. @throws {AppError} CONFLICT when the address is taken */
export async function insertUser(
  tx: Transaction<Database>,
  values: {
    id: string;
    email: string;
    name: string | null;
    role: User['role'];
    password: string | null;
    sees_payloads: boolean;
    oidc_subject?: string;
  },
): Promise<User> {
  const email = normalEmail(values.email);
  const row = await tx
    .insertInto('user_account')
    .values({ ...values, email, oidc_subject: values.oidc_subject ?? null })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning(USER_COLUMNS)
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw new AppError('CONFLICT', `email: somebody already signs in as ${email}.`, { issues: [{ path: 'email', message: 'is taken' }] });
}

/** @throws {AppError} CONFLICT when the address is taken */
export async function createUser(ctx: CoreContext, input: CreateUserInput): Promise<User> {
  if (input.password !== undefined) requireOwnPassword(input.password, input.email);
  const password = input.password === undefined ? null : await hashPassword(input.password);
  return ctx.database.db.transaction().execute((tx) =>
    insertUser(tx, {
      id: newId('usr', ctx.now()),
      email: input.email,
      name: input.name ?? null,
      role: input.role,
      password,
      sees_payloads: input.sees_payloads,
    }),
  );
}
