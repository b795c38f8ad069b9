import { hash } from 'node:crypto';
import { sql } from 'kysely';
import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';

const WINDOW = '15 minutes';
/** Wrong tries per window. From one address for one account; for one account from everywhere; from one address for all accounts. */
const LIMITS = { pair: 10, account: 100, address: 50 };

/** Who tries to get in where. `address` is as the server sees it. */
export interface SignInTry {
  readonly email: string;
  readonly address: string | null;
}

type Scope = keyof typeof LIMITS;

function subjects({ email, address }: SignInTry): Record<Scope, string> {
  const from = address ?? 'unknown';
  const digest = (text: string): string => hash('sha256', text, 'hex');
  return { pair: digest(`pair ${email} ${from}`), account: digest(`account ${email}`), address: digest(`address ${from}`) };
}

function refusal(seconds: number): AppError {
  return new AppError('RATE_LIMITED', 'Too many failed sign-ins. Wait, then try again.', {
    data: { retry_after_seconds: Math.max(1, seconds) },
  });
}

/**
 * Takes one try from each budget before the password is looked at, so that a hundred at once are counted like a hundred in a row.
 * @throws {AppError} RATE_LIMITED when one of them is used up
 */
export async function spendTry(ctx: CoreContext, attempt: SignInTry): Promise<void> {
  const keys = subjects(attempt);
  const sorted = Object.values(keys).toSorted();
  const { rows } = await sql<{ subject: string; spent: number; seconds: number }>`
    insert into sign_in_budget as b (subject, spent, resets_at)
    select subject, 1, now() + ${WINDOW}::interval from unnest(${sorted}::text[]) as subject
    on conflict (subject) do update set
      spent = case when b.resets_at <= now() then 1 else b.spent + 1 end,
      resets_at = case when b.resets_at <= now() then excluded.resets_at else b.resets_at end
    returning subject, spent, ceil(extract(epoch from resets_at - now()))::int as seconds`.execute(ctx.database.db);
  for (const scope of Object.keys(LIMITS) as Scope[]) {
    const row = rows.find(({ subject }) => subject === keys[scope]);
    if (row !== undefined && row.spent > LIMITS[scope]) throw refusal(row.seconds);
  }
}

/** Gives the tries of a right password back: the pair's at once, the others' by one. Forgets what has run out. */
export async function refundTry(ctx: CoreContext, attempt: SignInTry): Promise<void> {
  const { pair, account, address } = subjects(attempt);
  const db = ctx.database.db;
  await db
    .updateTable('sign_in_budget')
    .set({ spent: sql<number>`greatest(spent - 1, 0)` })
    .where('subject', 'in', [account, address].toSorted())
    .execute();
  await db
    .deleteFrom('sign_in_budget')
    .where((eb) => eb.or([eb('subject', '=', pair), eb(sql`resets_at`, '<=', sql`now()`)]))
    .execute();
}
