import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import { fillSecrets, type RevealSecretsInput, type RevealSecretsOutput, secretNamesIn } from './contract.ts';
import { unseal } from './seal.ts';

async function valuesOf(ctx: CoreContext, db: Kysely<Database>, names: readonly string[]): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const rows = await db.selectFrom('secret').select(['name', 'key_id', 'sealed']).where('name', 'in', names).execute();
  const values = Object.fromEntries(rows.map((row) => [row.name, unseal(row, ctx.secretKeys)]));
  const missing = names.find((name) => !Object.hasOwn(values, name));
  if (missing !== undefined) throw notFound('secret', missing);
  return values;
}

/** What the payload of a job refers to, for the agent that holds it. @throws {AppError} LEASE_STALE, NOT_FOUND naming the secret */
export async function revealSecrets(ctx: CoreContext, input: RevealSecretsInput): Promise<RevealSecretsOutput> {
  const { db } = ctx.database;
  const held = await db
    .selectFrom('workload')
    .select(['payload', 'lease_epoch'])
    .where('id', '=', input.job_id)
    .where('status', '=', 'running')
    .where('worker_id', 'is not', null)
    .executeTakeFirst();
  if (held === undefined || held.lease_epoch !== input.lease_epoch) {
    const data = {
      job_id: input.job_id,
      reason: held === undefined ? 'not_leased' : 'superseded',
      current_epoch: held?.lease_epoch ?? null,
    };
    throw new AppError('LEASE_STALE', `Job ${input.job_id} is not held with the epoch ${input.lease_epoch}. Stop working on it.`, { data });
  }
  return { values: await valuesOf(ctx, db, secretNamesIn(held.payload)) };
}

/** The same value with what it refers to filled in, for what the server itself sends; `db` may be a transaction. @throws {AppError} NOT_FOUND */
export async function resolveSecrets<Value>(ctx: CoreContext, value: Value, db: Kysely<Database> = ctx.database.db): Promise<Value> {
  const names = secretNamesIn(JSON.stringify(value) ?? '');
  // Texts are replaced by texts: the shape stays.
  return names.length === 0 ? value : (fillSecrets(value, await valuesOf(ctx, db, names)) as Value);
}
