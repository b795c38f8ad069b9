import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CoreContext } from '../ports/index.ts';
import { BUCKET_SECONDS } from '../runs/index.ts';
import { WINDOW_COLUMNS } from './window-delta.ts';

export interface PublishingDrift {
  readonly table: string;
  /** The row it is in, as text. */
  readonly key: string;
  readonly column: string;
  readonly counted: number;
  readonly true_count: number;
}

/** One kind of counter: what is kept, what is true, and how a row of it is told from others. */
interface Counter {
  readonly table: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly kept: RawBuilder<unknown>;
  readonly truth: RawBuilder<unknown>;
  /** Sums over slots take the difference in a row of their own, the others in the row itself. */
  readonly has_slots: boolean;
}

const PAGE = 5000;
const STATES = sql`count(*) filter (where p.status = 'pending') as pending, count(*) filter (where p.status = 'scheduled') as scheduled,
  count(*) filter (where p.status = 'processing') as processing, count(*) filter (where p.status = 'success') as success,
  count(*) filter (where p.status = 'failed') as failed, count(*) filter (where p.status = 'cancelled') as cancelled,
  count(*) filter (where p.status = 'failed' and p.sub_status = 'unconfirmed') as unconfirmed,
  coalesce(sum(round(extract(epoch from p.published_at - p.requested_at) * 1000)) filter (where p.published_at >= p.requested_at), 0) as duration_ms_sum,
  count(*) filter (where p.published_at >= p.requested_at) as duration_count, count(*) filter (where p.published_at < p.requested_at) as clock_skew`;
const CLIP_COLUMNS = ['clips_ready', 'clips_published', 'clips_scored', 'score_sum'] as const;
const JOB_COLUMNS = ['jobs_pending', 'jobs_running', 'jobs_completed', 'jobs_failed', 'jobs_cancelled'] as const;
const TOTALS = ['videos', 'clips', 'draft', 'active', 'paused', 'completed', 'budget_spent'] as const;

function summed(columns: readonly string[], from: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select platform_key, ${sql.join(columns.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`))} from ${from} group by 1`;
}

const PER_CLIP = sql`select clip_id, platform_key, count(*) filter (where status <> 'cancelled') as log_count,
  count(*) filter (where status in ('pending', 'scheduled')) as ready_count, count(*) filter (where status = 'success') as success_count
  from publication group by 1, 2`;

const COUNTERS: readonly Counter[] = [
  {
    table: 'platform_clip',
    keys: { clip_id: 'text', platform_key: 'text' },
    columns: ['log_count', 'ready_count', 'success_count'],
    kept: sql`select clip_id, platform_key, log_count, ready_count, success_count from platform_clip`,
    truth: PER_CLIP,
    has_slots: false,
  },
  {
    table: 'social_account',
    keys: { platform_key: 'text', id: 'text' },
    columns: ['processing_count'],
    kept: sql`select platform_key, id, processing_count from social_account`,
    truth: sql`select platform_key, social_account_id as id, count(*) filter (where status = 'processing') as processing_count from publication group by 1, 2`,
    has_slots: false,
  },
  {
    table: 'publishing_counter',
    keys: { platform_key: 'text' },
    columns: WINDOW_COLUMNS,
    kept: summed(WINDOW_COLUMNS, sql`publishing_counter`),
    truth: sql`select p.platform_key, ${STATES} from publication p group by 1`,
    has_slots: true,
  },
  {
    table: 'publishing_counter',
    keys: { platform_key: 'text' },
    columns: CLIP_COLUMNS,
    kept: summed(CLIP_COLUMNS, sql`publishing_counter`),
    truth: sql`select d.platform_key, count(*) filter (where d.ready_count > 0) as clips_ready, count(*) filter (where d.success_count > 0) as clips_published,
      count(*) filter (where d.log_count > 0 and c.visual_score is not null) as clips_scored,
      coalesce(sum(c.visual_score) filter (where d.log_count > 0), 0) as score_sum
      from (${PER_CLIP}) as d join clip c on c.id = d.clip_id group by 1`,
    has_slots: true,
  },
  {
    table: 'publishing_counter',
    keys: { platform_key: 'text' },
    columns: JOB_COLUMNS,
    kept: summed(JOB_COLUMNS, sql`publishing_counter`),
    truth: sql`select platform_key, count(*) filter (where status = 'pending') as jobs_pending, count(*) filter (where status = 'running') as jobs_running,
      count(*) filter (where status = 'completed') as jobs_completed, count(*) filter (where status = 'failed') as jobs_failed,
      count(*) filter (where status = 'cancelled') as jobs_cancelled from video_job group by 1`,
    has_slots: true,
  },
  {
    table: 'publishing_total',
    keys: {},
    columns: TOTALS,
    kept: sql`select ${sql.join(TOTALS.map((column) => sql`sum(${sql.ref(column)}) as ${sql.ref(column)}`))} from publishing_total`,
    truth: sql`select (select count(*) from video) as videos, (select count(*) from clip) as clips, count(*) filter (where status = 'draft') as draft,
      count(*) filter (where status = 'active') as active, count(*) filter (where status = 'paused') as paused,
      count(*) filter (where status = 'completed') as completed, coalesce(sum(spend), 0) as budget_spent from campaign`,
    has_slots: true,
  },
  // A statement per length: the three together take too long on millions of rows.
  ...BUCKET_SECONDS.map((seconds): Counter => ({
    table: 'publishing_window',
    keys: { bucket_seconds: 'int', bucket_at: 'timestamptz', platform_key: 'text' },
    columns: WINDOW_COLUMNS,
    kept: sql`select * from publishing_window where bucket_seconds = ${seconds}::int`,
    truth: sql`select ${seconds}::int as bucket_seconds, to_timestamp(floor(extract(epoch from p.requested_at) / ${sql.lit(seconds)}) * ${sql.lit(seconds)}) as bucket_at,
      p.platform_key, ${STATES} from publication p group by 2, 3`,
    has_slots: false,
  })),
];

/** Rows whose kept sums differ from the true ones: the keys, then kept and true value of each column. */
async function differing(tx: Transaction<Database>, counter: Counter): Promise<Record<string, unknown>[]> {
  const { columns } = counter;
  const keys = Object.keys(counter.keys);
  const value = (side: string, column: string) => sql`coalesce(${sql.ref(`${side}.${column}`)}, 0)`;
  const shown = columns.flatMap((column) => [
    sql`${value('k', column)}::float8 as ${sql.ref(`kept_${column}`)}`,
    sql`${value('t', column)}::float8 as ${sql.ref(`true_${column}`)}`,
  ]);
  const differ = columns.map((column) => sql`${value('k', column)} <> ${value('t', column)}`);
  const on = keys.length === 0 ? sql`on true` : sql`using (${sql.join(keys.map((key) => sql.ref(key)))})`;
  const picked = [...keys.map((key) => sql.ref(key)), ...shown];
  const { rows } = await sql<Record<string, unknown>>`
    select ${sql.join(picked)} from (${counter.kept}) as k full join (${counter.truth}) as t ${on} where ${sql.join(differ, sql` or `)}`.execute(
    tx,
  );
  return rows;
}

/** Adds the differences, so that what changes meanwhile is kept: rows that are missing begin at zero. */
async function repair(ctx: CoreContext, counter: Counter, rows: readonly Record<string, unknown>[]): Promise<void> {
  const keys = Object.entries({ ...counter.keys, ...(counter.has_slots ? { slot: 'int' } : {}) });
  const keyNames = keys.map(([key]) => sql.ref(key));
  const columns = counter.columns.map((column) => sql.ref(column));
  const table = sql.table(counter.table);
  const keyValues = keys.map(([key, type]) => sql`${rows.map((row) => (key === 'slot' ? -1 : row[key]))}::${sql.raw(type)}[]`);
  const differences = counter.columns.map(
    (column) => sql`${rows.map((row) => Number(row[`true_${column}`]) - Number(row[`kept_${column}`]))}::numeric[]`,
  );
  await sql`insert into ${table} (${sql.join([...keyNames, ...columns])})
    select ${sql.join([...keyNames, ...counter.columns.map(() => sql.lit(0))])} from unnest(${sql.join(keyValues)}) as d(${sql.join(keyNames)})
    on conflict do nothing`.execute(ctx.database.db);
  const sums = counter.columns.map((column) => sql`${sql.ref(column)} = c.${sql.ref(column)} + ${sql.ref(`d.${column}`)}`);
  const isIt = keys.map(([key]) => sql`${sql.ref(`c.${key}`)} = ${sql.ref(`d.${key}`)}`);
  await sql`update ${table} as c set ${sql.join(sums)}
    from unnest(${sql.join([...keyValues, ...differences])}) as d(${sql.join([...keyNames, ...columns])})
    where ${sql.join(isIt, sql` and `)}`.execute(ctx.database.db);
}

function driftsOf(counter: Counter, rows: readonly Record<string, unknown>[]): PublishingDrift[] {
  return rows.flatMap((row) =>
    counter.columns.flatMap((column) => {
      const counted = Number(row[`kept_${column}`]);
      const true_count = Number(row[`true_${column}`]);
      const key = Object.keys(counter.keys)
        .map((name) => String(row[name]))
        .join(' ');
      return counted === true_count ? [] : [{ table: counter.table, key, column, counted, true_count }];
    }),
  );
}

/**
 * Compares the counters of publishing with a true count in one snapshot and repairs what differs. They never should: a difference is a
 * bug, so it is logged, counted in the metrics, and answered. Reads all publications; the engine runs it rarely.
 */
export async function checkPublishingDrift(ctx: CoreContext): Promise<PublishingDrift[]> {
  const found = await ctx.database.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const pairs: { counter: Counter; rows: Record<string, unknown>[] }[] = [];
      for (const counter of COUNTERS) pairs.push({ counter, rows: await differing(tx, counter) });
      return pairs;
    });
  let drifts: PublishingDrift[] = [];
  for (const { counter, rows } of found) {
    if (rows.length === 0) continue;
    for (let at = 0; at < rows.length; at += PAGE) await repair(ctx, counter, rows.slice(at, at + PAGE));
    const told = driftsOf(counter, rows);
    drifts = drifts.concat(told);
    const [first] = told;
    ctx.log.error(
      { table: counter.table, rows: rows.length, first },
      'counters of publishing differed from the true count and were repaired',
    );
  }
  return drifts;
}
