import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext, ProviderIdentity } from '../ports/index.ts';
import { Email, UserName, type User } from '../users/contract.ts';
import { hasUser, insertUser, normalEmail, updateUser } from '../users/index.ts';
import type { ProviderProblem } from './contract.ts';
import { openSession, type OpenedSession, type SignInOrigin } from './open-session.ts';

/** Advisory lock under which accounts are linked and made, so that two tabs of one person make one account. */
const LINK_LOCK = 1_953_064_041;

type Account = Pick<User, 'id' | 'role' | 'disabled_at'>;
const ACCOUNT_COLUMNS = ['id', 'role', 'disabled_at'] as const;

const MESSAGES = {
  disabled: 'This account is disabled.',
  unverified: 'The identity provider has not verified the e-mail address.',
  taken: 'The e-mail address belongs to another account.',
  not_allowed: 'This person is not among those who may come in.',
  setup_needed: 'The first account must be an administrator.',
} as const satisfies Partial<Record<ProviderProblem, string>>;

function refusal(reason: keyof typeof MESSAGES): AppError {
  return new AppError('UNAUTHORIZED', MESSAGES[reason], { data: { reason } });
}

async function findLinked(db: Kysely<Database>, subject: string): Promise<Account | undefined> {
  return db.selectFrom('user_account').select(ACCOUNT_COLUMNS).where('oidc_subject', '=', subject).executeTakeFirst();
}

/** An account made before, by its address: linked only on the provider's word that the address is this person's. */
async function linkByEmail(tx: Transaction<Database>, identity: ProviderIdentity, email: string): Promise<Account | undefined> {
  const found = await tx
    .selectFrom('user_account')
    .select([...ACCOUNT_COLUMNS, 'oidc_subject'])
    .where('email', '=', email)
    .forUpdate()
    .executeTakeFirst();
  if (found === undefined) return undefined;
  if (identity.is_email_verified !== true) throw refusal('unverified');
  if (found.oidc_subject !== null) throw refusal('taken');
  if (found.disabled_at !== null) throw refusal('disabled');
  await tx.updateTable('user_account').set({ oidc_subject: identity.subject }).where('id', '=', found.id).execute();
  return found;
}

async function linkOrCreate(ctx: CoreContext, identity: ProviderIdentity): Promise<Account> {
  const isFirst = !(await hasUser(ctx));
  const { data: given } = Email.safeParse(identity.email);
  if (given === undefined) throw refusal('unverified');
  const email = normalEmail(given);
  return ctx.database.db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LINK_LOCK})`.execute(tx);
    const known = (await findLinked(tx, identity.subject)) ?? (await linkByEmail(tx, identity, email));
    if (known !== undefined) return known;
    if (identity.is_email_verified === false) throw refusal('unverified');
    if (identity.role === null) throw refusal('not_allowed');
    if (isFirst && identity.role !== 'admin') throw refusal('setup_needed');
    return insertUser(tx, {
      id: newId('usr', ctx.now()),
      email,
      name: UserName.safeParse(identity.name?.trim().slice(0, 128)).data ?? null,
      role: identity.role,
      password: null,
      sees_payloads: true,
      oidc_subject: identity.subject,
    });
  });
}

/** Gives the account the provider's role. The last administrator keeps theirs, so that nobody locks a server by a mapping. */
async function followRole(ctx: CoreContext, account: Account, { role, decides_role }: ProviderIdentity): Promise<void> {
  if (!decides_role || role === null || role === account.role) return;
  await updateUser(ctx, { id: account.id, role }, null).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.data?.['reason'] !== 'last_admin') throw error;
  });
}

/**
 * Opens a session for whom the identity provider vouches: the account of this subject, else the one of the verified address, else a new one.
 * @throws {AppError} UNAUTHORIZED whose `data.reason` is a ProviderProblem, CONFLICT when the address was taken at this moment
 */
export async function signInByProvider(ctx: CoreContext, identity: ProviderIdentity, origin: SignInOrigin): Promise<OpenedSession> {
  const { db } = ctx.database;
  if (identity.decides_role && identity.role === null) throw refusal('not_allowed');
  const account = (await findLinked(db, identity.subject)) ?? (await linkOrCreate(ctx, identity));
  if (account.disabled_at !== null) throw refusal('disabled');
  await followRole(ctx, account, identity);
  return db.transaction().execute((tx) => openSession(tx, { user_id: account.id, origin, now_ms: ctx.now() }));
}
