import { hash, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import { hashSecret, newSecret } from '../access/index.ts';
import type { CoreContext, VisitSecrets } from '../ports/index.ts';
import { VISIT_MINUTES } from './contract.ts';
import { safeNext } from './safe-next.ts';

const TICKET = /^[0-9a-z]{40}$/;

/** Three values that tell nothing of the ticket or of each other: it has 200 random bits. */
function secretsOf(ticket: string): VisitSecrets {
  const derive = (use: string): string => hash('sha256', `${use} ${ticket}`, 'base64url');
  return { state: derive('state'), nonce: derive('nonce'), code_verifier: derive('code verifier') };
}

/** Begins a visit at the identity provider; `ticket` goes to the browser alone and is kept as a digest. */
export async function beginProviderVisit(ctx: CoreContext, next: string | null): Promise<{ ticket: string; secrets: VisitSecrets }> {
  const ticket = newSecret();
  const { db } = ctx.database;
  await db
    .deleteFrom('provider_visit')
    .where(sql<boolean>`expires_at <= now()`)
    .execute();
  await db
    .insertInto('provider_visit')
    .values({
      hash: hashSecret(ticket),
      next: safeNext(next),
      expires_at: sql<string>`now() + ${`${VISIT_MINUTES} minutes`}::interval`,
    })
    .execute();
  return { ticket, secrets: secretsOf(ticket) };
}

/**
 * Ends the visit an answer belongs to: it can be taken once. Null for an unknown or overdue one, and for an answer whose `state` is
 * another visit's, which ends none.
 */
export async function takeProviderVisit(
  ctx: CoreContext,
  { ticket, state }: { ticket: string | null; state: string | null },
): Promise<{ secrets: VisitSecrets; next: string } | null> {
  if (ticket === null || state === null || !TICKET.test(ticket)) return null;
  const secrets = secretsOf(ticket);
  const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
  if (!timingSafeEqual(digest(state), digest(secrets.state))) return null;
  const row = await ctx.database.db
    .deleteFrom('provider_visit')
    .where('hash', '=', hashSecret(ticket))
    .where(sql<boolean>`expires_at > now()`)
    .returning('next')
    .executeTakeFirst();
  return row === undefined ? null : { secrets, next: row.next };
}
