import { sql } from 'kysely';
import { failureText, fingerprintOf, messageOf } from '../failures/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { FailureCause, ListCausesInput, ListCausesOutput } from './contract.ts';
import { filterCondition } from './list-workloads.ts';

/** Failed workloads that are looked at: a bad day may have any number of them. */
const EXAMINED = 1000;
const MAX_SAMPLE = 2000;

interface Failed {
  readonly id: string;
  readonly lane_id: number;
  readonly error: string | null;
  readonly status_reason: string | null;
  readonly at: string;
}

type Counted = Omit<FailureCause, 'status'>;

/** One entry per kind and message; the rows come newest first. */
async function countCauses(ctx: CoreContext, rows: readonly Failed[]): Promise<Counted[]> {
  const causes = new Map<string, Counted>();
  for (const row of rows) {
    const { kind } = await ctx.lanes.get(row.lane_id);
    const text = failureText(row.error, row.status_reason);
    const message = messageOf(text);
    const key = `${kind}\n${message}`;
    const [sample = ''] = text.trim().split('\n');
    const latest = { sample, last_ref: row.id, last_at: row.at };
    const known = causes.get(key);
    if (known === undefined) {
      const id = fingerprintOf({ domain: 'workload', subject: kind, message });
      causes.set(key, { id, kind, message, count: 1, ...latest });
    } else {
      known.count += 1;
      if (row.at > known.last_at) Object.assign(known, latest);
    }
  }
  return [...causes.values()];
}

/** Why workloads failed, the most frequent cause first, of at most the newest 1,000 that did. */
export async function listCauses(ctx: CoreContext, input: ListCausesInput): Promise<ListCausesOutput> {
  const { limit, ...created } = input;
  const { db } = ctx.database;
  const found: Failed[] = await db
    .selectFrom('workload')
    .select(['id', 'lane_id', 'status_reason'])
    .select([sql<string | null>`left(error, ${sql.lit(MAX_SAMPLE)})`.as('error'), sql<string>`coalesce(finished_at, created_at)`.as('at')])
    .where(filterCondition(ctx, { ...created, status: 'failed' }))
    .orderBy('id', 'desc')
    .limit(EXAMINED + 1)
    .execute();
  const rows = found.slice(0, EXAMINED);
  const causes = await countCauses(ctx, rows);
  const settled = await db
    .selectFrom('failure_group')
    .select(['id', 'status'])
    .where(sql<boolean>`id = any(${causes.map(({ id }) => id)}::text[])`)
    .where('status', '<>', 'open')
    .execute();
  const statuses = new Map(settled.map(({ id, status }) => [id, status]));
  const items = causes
    .map((cause): FailureCause => ({ ...cause, status: statuses.get(cause.id) ?? 'open' }))
    .toSorted((left, right) => right.count - left.count || (left.last_at < right.last_at ? 1 : -1));
  return {
    items: items.slice(0, limit),
    total: items.length,
    open: items.filter(({ status }) => status === 'open').length,
    failed: rows.length,
    is_whole: found.length <= EXAMINED,
  };
}
