import { sql } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import { notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { FailureDomain, FailureGroup, ListFailuresInput, ListFailuresOutput, SetFailureInput } from './contract.ts';
import { foldFailures } from './fold-failures.ts';

const LIST = 'failures';

function columns() {
  return sql`g.*, array(
    select coalesce(b.count, 0)::int from generate_series(date_trunc('hour', now()) - interval '23 hours', date_trunc('hour', now()), interval '1 hour') as h(at)
    left join failure_bucket b on b.group_id = g.id and b.bucket_at = h.at order by h.at) as trend`;
}

/** A search leaves out the groups of `unsearched`, whose messages the caller may not see. */
interface Asked extends ListFailuresInput {
  readonly unsearched?: FailureDomain | undefined;
}

/** Groups of failures, the latest first. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listFailures(ctx: CoreContext, input: Asked): Promise<ListFailuresOutput> {
  await foldFailures(ctx);
  const conditions = [sql`true`];
  if (input.status !== undefined) conditions.push(sql`g.status = ${input.status}`);
  if (input.domain !== undefined) conditions.push(sql`g.domain = ${input.domain}`);
  if (input.q !== undefined) conditions.push(sql`strpos(lower(g.message), lower(${input.q})) > 0`);
  if (input.q !== undefined && input.unsearched !== undefined) conditions.push(sql`g.domain <> ${input.unsearched}`);
  if (input.cursor !== undefined) {
    const [ms = '', id = ''] = decodeCursor(LIST, input.cursor).split(':');
    conditions.push(sql`(g.last_at, g.id) < (${new Date(Number(ms)).toISOString()}::timestamptz, ${id})`);
  }
  const { rows } = await sql<FailureGroup>`select ${columns()} from failure_group g where ${sql.join(conditions, sql` and `)}
    order by g.last_at desc, g.id desc limit ${input.limit + 1}`.execute(ctx.database.db);
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  const next_cursor = rows.length > input.limit && last !== undefined ? encodeCursor(LIST, `${Date.parse(last.last_at)}:${last.id}`) : null;
  return { items, next_cursor };
}

/** @throws {AppError} NOT_FOUND */
export async function getFailure(ctx: CoreContext, input: { id: string }): Promise<FailureGroup> {
  const { rows } = await sql<FailureGroup>`select ${columns()} from failure_group g where g.id = ${input.id}`.execute(ctx.database.db);
  const [row] = rows;
  if (row === undefined) throw notFound('failure', input.id);
  return row;
}

/** Resolves a group until it returns, ignores it for good, or opens it again. Idempotent. @throws {AppError} NOT_FOUND */
export async function setFailure(ctx: CoreContext, input: SetFailureInput): Promise<FailureGroup> {
  await sql`update failure_group set status = ${input.status}, status_at = now() where id = ${input.id} and status <> ${input.status}`.execute(
    ctx.database.db,
  );
  return getFailure(ctx, input);
}
