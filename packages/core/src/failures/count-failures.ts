import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { FailureDomain } from './contract.ts';
import { fingerprintOf, messageOf } from './fingerprint.ts';

/** One failure, as a log told of it. */
export interface Sighting {
  readonly domain: FailureDomain;
  readonly subject: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Id of what failed. */
  readonly ref: string;
}

interface Group {
  readonly id: string;
  readonly domain: FailureDomain;
  readonly subject: string;
  readonly message: string;
  sample: string;
  last_ref: string;
  first: number;
  last: number;
  count: number;
}

const HOUR_MS = 3_600_000;
const MAX_SAMPLE = 2000;
const iso = (ms: number): string => new Date(ms).toISOString();

function groupsOf(sightings: readonly Sighting[]): { groups: Group[]; buckets: { id: string; at: number; count: number }[] } {
  const groups = new Map<string, Group>();
  const buckets = new Map<string, { id: string; at: number; count: number }>();
  for (const { domain, subject, text, at, ref } of sightings) {
    const message = messageOf(text);
    const id = fingerprintOf({ domain, subject, message });
    const group = groups.get(id) ?? { id, domain, subject, message, sample: text, last_ref: ref, first: at, last: at, count: 0 };
    group.count += 1;
    group.first = Math.min(group.first, at);
    if (at >= group.last) Object.assign(group, { last: at, sample: text, last_ref: ref });
    groups.set(id, group);
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
    const bucket = buckets.get(`${id}:${hour}`) ?? { id, at: hour, count: 0 };
    bucket.count += 1;
    buckets.set(`${id}:${hour}`, bucket);
  }
  const byId = (left: { id: string }, right: { id: string }): number => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
  return {
    groups: [...groups.values()].sort(byId),
    buckets: [...buckets.values()].sort((left, right) => byId(left, right) || left.at - right.at),
  };
}

/** Adds failures to their groups and hours, in the caller's transaction. A group that was resolved before opens again. */
export async function countFailures(tx: Transaction<Database>, sightings: readonly Sighting[]): Promise<void> {
  if (sightings.length === 0) return;
  const { groups, buckets } = groupsOf(sightings);
  const column = <Value>(read: (group: Group) => Value): Value[] => groups.map(read);
  await sql`
    insert into failure_group as g (id, domain, subject, message, sample, last_ref, count, first_at, last_at)
    select * from unnest(${column((group) => group.id)}::text[], ${column((group) => group.domain)}::text[], ${column((group) => group.subject)}::text[],
      ${column((group) => group.message)}::text[], ${column((group) => group.sample.slice(0, MAX_SAMPLE))}::text[],
      ${column((group) => group.last_ref)}::text[], ${column((group) => group.count)}::bigint[],
      ${column((group) => iso(group.first))}::timestamptz[], ${column((group) => iso(group.last))}::timestamptz[])
    on conflict (id) do update set count = g.count + excluded.count, first_at = least(g.first_at, excluded.first_at),
      last_at = greatest(g.last_at, excluded.last_at),
      sample = case when excluded.last_at >= g.last_at then excluded.sample else g.sample end,
      last_ref = case when excluded.last_at >= g.last_at then excluded.last_ref else g.last_ref end,
      status = case when g.status = 'resolved' and excluded.last_at > g.status_at then 'open' else g.status end,
      returned_count = g.returned_count + case when g.status = 'resolved' and excluded.last_at > g.status_at then 1 else 0 end`.execute(tx);
  await sql`
    insert into failure_bucket as b (group_id, bucket_at, count)
    select * from unnest(${buckets.map((bucket) => bucket.id)}::text[], ${buckets.map((bucket) => iso(bucket.at))}::timestamptz[],
      ${buckets.map((bucket) => bucket.count)}::bigint[])
    on conflict (group_id, bucket_at) do update set count = b.count + excluded.count`.execute(tx);
}
