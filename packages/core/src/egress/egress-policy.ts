import { compilePolicy, EgressError } from '@tidemark/egress';
import { sql } from 'kysely';
import { hasWayIn } from '../access/index.ts';
import { AppError } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { EgressAnswer, EgressSettings } from './contract.ts';

const KEY = 'egress';

async function readAllowed(ctx: CoreContext): Promise<string[]> {
  const row = await ctx.database.db.selectFrom('setting').select('value').where('key', '=', KEY).executeTakeFirst();
  const allow: unknown = row?.value['allow'];
  return Array.isArray(allow) ? allow.filter((entry) => typeof entry === 'string') : [];
}

/** What is allowed now, by whom. */
export async function getEgress(ctx: CoreContext): Promise<EgressAnswer> {
  const { allow, is_local } = ctx.egress;
  return { allow: await readAllowed(ctx), allow_at_start: [...allow], allow_loopback: is_local && !(await hasWayIn(ctx)) };
}

/** Where monitors and notices may go now. Every run carries it to its agent. */
export async function egressPolicy(ctx: CoreContext): Promise<{ allow: string[]; allow_loopback: boolean }> {
  const { allow, allow_at_start, allow_loopback } = await getEgress(ctx);
  return { allow: [...new Set([...allow_at_start, ...allow])], allow_loopback };
}

/** Replaces what is allowed besides public addresses; it holds from the next run or notice on. @throws {AppError} VALIDATION naming the entry */
export async function setEgress(ctx: CoreContext, input: EgressSettings): Promise<EgressAnswer> {
  const issues = input.allow.flatMap((entry, index) => {
    try {
      compilePolicy({ allow: [entry] });
      return [];
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      return [{ path: `allow.${index}`, message: 'must be CIDR, an address, a host name or *.name' }];
    }
  });
  const [first] = issues;
  if (first !== undefined) throw new AppError('VALIDATION', `${first.path}: ${first.message}`, { issues });
  await sql`insert into setting (key, value) values (${KEY}, ${JSON.stringify({ allow: input.allow })}::jsonb)
    on conflict (key) do update set value = excluded.value, updated_at = now()`.execute(ctx.database.db);
  return getEgress(ctx);
}
