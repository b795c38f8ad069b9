import { sql } from 'kysely';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { PublicationSeries, PublicationSeriesInput } from './contract.ts';

const BUCKET_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const MAX_POINTS = 2000;
const DEFAULT_POINTS = 48;

interface Row {
  bucket_at: string;
  created: number;
  succeeded: number;
  failed: number;
  duration_ms_sum: number;
  duration_count: number;
}

/**
 * What happened per minute, hour or day: publications created, succeeded and failed, by when it happened. Empty buckets are there,
 * with zeros. @throws {AppError} VALIDATION for a window of more than 2,000 buckets.
 */
export async function getPublicationSeries(ctx: CoreContext, input: PublicationSeriesInput): Promise<PublicationSeries> {
  const ms = BUCKET_MS[input.bucket];
  const to = input.to === undefined ? ctx.now() : Date.parse(input.to);
  const last = Math.ceil(to / ms) * ms;
  const first = input.from === undefined ? last - DEFAULT_POINTS * ms : Math.floor(Date.parse(input.from) / ms) * ms;
  if (first >= last) throw invalid('from', 'must lie before to');
  if ((last - first) / ms > MAX_POINTS) throw invalid('from', `the window has more than ${MAX_POINTS} buckets; choose a larger bucket`);
  const { rows } = await sql<Row>`
    select bucket_at, sum(created)::bigint as created, sum(succeeded)::bigint as succeeded, sum(failed)::bigint as failed,
      sum(duration_ms_sum)::bigint as duration_ms_sum, sum(duration_count)::bigint as duration_count
    from publication_bucket where grain = ${input.bucket} and bucket_at >= ${new Date(first).toISOString()} and bucket_at < ${new Date(last).toISOString()}
      and (${input.platform ?? null}::text is null or platform_key = ${input.platform ?? null}::text)
    group by bucket_at`.execute(ctx.database.db);
  const known = new Map(rows.map((row) => [Date.parse(row.bucket_at), row]));
  const points: PublicationSeries['points'] = [];
  for (let at = first; at < last; at += ms) {
    const row = known.get(at);
    points.push({
      bucket_at: new Date(at).toISOString(),
      created: row?.created ?? 0,
      succeeded: row?.succeeded ?? 0,
      failed: row?.failed ?? 0,
      avg_processing_time_ms: row === undefined || row.duration_count === 0 ? null : row.duration_ms_sum / row.duration_count,
    });
  }
  return { bucket: input.bucket, points };
}
