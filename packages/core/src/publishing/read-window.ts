import { sql, type RawBuilder } from 'kysely';
import { splitWindow } from '../runs/index.ts';
import type { PublishingStatsInput } from './contract.ts';
import { WINDOW_COLUMNS } from './window-delta.ts';

/** Longer than any publication lies ahead: `requested_at` is at most minutes in the future. */
const LAST_MS = Date.parse('9999-01-01T00:00:00Z');
const COLUMNS = sql.join(WINDOW_COLUMNS.map((column) => sql.ref(column)));

/**
 * Rows of sums of the publications requested in a window, as they are now: whole buckets, and the rows of the two edges shorter than
 * five minutes. About a hundred rows for a month, whatever it holds.
 */
export function windowSums({ from, to, platform: asked }: PublishingStatsInput): RawBuilder<unknown> {
  const span = { from: from === undefined ? 0 : Date.parse(from), to: to === undefined ? LAST_MS : Date.parse(to) };
  const platform = asked ?? null;
  const { buckets, raw } = splitWindow(span, 0);
  const time = (ms: number): string => new Date(ms).toISOString();
  const ofPlatform = sql`(${platform}::text is null or platform_key = ${platform}::text)`;
  // A branch per range, with its limits as values: joined to a list of ranges the planner reads every bucket instead.
  const whole = buckets.map(
    (range) => sql`select ${COLUMNS} from publishing_window where bucket_seconds = ${range.seconds}::int
      and bucket_at >= ${time(range.from)}::timestamptz and bucket_at < ${time(range.to)}::timestamptz and ${ofPlatform}`,
  );
  const edges = raw.map(
    (range) => sql`select (status = 'pending')::int, (status = 'scheduled')::int, (status = 'processing')::int, (status = 'success')::int,
      (status = 'failed')::int, (status = 'cancelled')::int, (status = 'failed' and sub_status is not distinct from 'unconfirmed')::int,
      case when published_at >= requested_at then round(extract(epoch from published_at - requested_at) * 1000)::bigint else 0 end,
      coalesce(published_at >= requested_at, false)::int, coalesce(published_at < requested_at, false)::int
      from publication where requested_at >= ${time(range.from)}::timestamptz and requested_at < ${time(range.to)}::timestamptz and ${ofPlatform}`,
  );
  const none = sql`select ${COLUMNS} from publishing_window where false`;
  return sql.join([none, ...whole, ...edges], sql` union all `);
}
