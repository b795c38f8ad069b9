import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PlatformKey } from '../platforms/contract.ts';
import { type ClipDelta, countClips, CounterDelta, type WindowColumn, WindowDelta } from '../publishing/index.ts';
import type { PublicationRow } from './publication-row.ts';

/** What the counters see of a publication. */
export type Counted = Pick<
  PublicationRow,
  'clip_id' | 'platform_key' | 'social_account_id' | 'status' | 'sub_status' | 'requested_at' | 'published_at'
>;

const GRAINS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

interface BucketSums {
  readonly grain: keyof typeof GRAINS;
  readonly bucket_at: string;
  readonly platform_key: PlatformKey;
  created: number;
  succeeded: number;
  failed: number;
  duration_ms_sum: number;
  duration_count: number;
}

function durationOf(row: Counted): number | null {
  return row.status === 'success' && row.published_at !== null ? Date.parse(row.published_at) - Date.parse(row.requested_at) : null;
}

/** Adds up what changes of publications mean for every counter, and writes it in one fixed order. */
export class PublicationTally {
  readonly #counters = new CounterDelta();
  readonly #windows = new WindowDelta();
  readonly #clips = new Map<string, ClipDelta>();
  readonly #accounts = new Map<string, { key: PlatformKey; id: string; processing: number }>();
  readonly #buckets = new Map<string, BucketSums>();

  /** `before` is null for a publication just made. `at` is when it happened, by the database's clock. */
  change(before: Counted | null, after: Counted, at: string): void {
    if (before !== null) this.#weigh(before, -1);
    this.#weigh(after, 1);
    for (const [grain, ms] of Object.entries(GRAINS) as [keyof typeof GRAINS, number][]) {
      const bucket = this.#bucket(grain, new Date(Math.floor(Date.parse(at) / ms) * ms).toISOString(), after.platform_key);
      if (before === null) bucket.created += 1;
      if (before?.status === after.status) continue;
      if (after.status === 'failed') bucket.failed += 1;
      if (after.status !== 'success') continue;
      bucket.succeeded += 1;
      const duration = durationOf(after);
      if (duration === null || duration < 0) continue;
      bucket.duration_ms_sum += duration;
      bucket.duration_count += 1;
    }
  }

  /** A publication that is gone. What happened in its time stays in the buckets. */
  remove(row: Counted): void {
    this.#weigh(row, -1);
  }

  #weigh(row: Counted, sign: 1 | -1): void {
    const key = row.platform_key;
    const count = (column: WindowColumn, by: number): void => {
      this.#counters.add(key, column, by);
      this.#windows.add({ key, requested_at: row.requested_at }, column, by);
    };
    count(row.status, sign);
    if (row.status === 'failed' && row.sub_status === 'unconfirmed') count('unconfirmed', sign);
    const duration = durationOf(row);
    if (duration !== null && duration < 0) count('clock_skew', sign);
    else if (duration !== null) {
      count('duration_count', sign);
      count('duration_ms_sum', sign * duration);
    }
    if (row.status === 'processing') {
      const account = this.#accounts.get(`${key}:${row.social_account_id}`) ?? { key, id: row.social_account_id, processing: 0 };
      account.processing += sign;
      this.#accounts.set(`${key}:${row.social_account_id}`, account);
    }
    if (row.status === 'cancelled') return;
    const clip = this.#clips.get(`${key}:${row.clip_id}`) ?? { clip_id: row.clip_id, platform_key: key, logs: 0, ready: 0, published: 0 };
    clip.logs += sign;
    if (row.status === 'pending' || row.status === 'scheduled') clip.ready += sign;
    if (row.status === 'success') clip.published += sign;
    this.#clips.set(`${key}:${row.clip_id}`, clip);
  }

  #bucket(grain: keyof typeof GRAINS, at: string, key: PlatformKey): BucketSums {
    const name = `${grain}:${at}:${key}`;
    const known = this.#buckets.get(name) ?? {
      grain,
      bucket_at: at,
      platform_key: key,
      created: 0,
      succeeded: 0,
      failed: 0,
      duration_ms_sum: 0,
      duration_count: 0,
    };
    this.#buckets.set(name, known);
    return known;
  }

  /** Accounts, clips, counters, buckets, windows: every writer takes the locks in this order, each sorted. */
  async save(tx: Transaction<Database>): Promise<void> {
    await this.#saveAccounts(tx);
    await this.#saveClips(tx);
    await this.#counters.save(tx);
    await this.#saveBuckets(tx);
    await this.#windows.save(tx);
  }

  async #saveAccounts(tx: Transaction<Database>): Promise<void> {
    const accounts = [...this.#accounts.values()].filter((account) => account.processing !== 0);
    if (accounts.length === 0) return;
    const keys = accounts.map((account) => account.key);
    const ids = accounts.map((account) => account.id);
    await sql`select from social_account where (platform_key, id) in (select * from unnest(${keys}::text[], ${ids}::text[]))
      order by platform_key, id for no key update`.execute(tx);
    await sql`update social_account a set processing_count = a.processing_count + d.processing
      from unnest(${keys}::text[], ${ids}::text[], ${accounts.map((account) => account.processing)}::bigint[]) as d(platform_key, id, processing)
      where a.platform_key = d.platform_key and a.id = d.id`.execute(tx);
  }

  async #saveClips(tx: Transaction<Database>): Promise<void> {
    const clips = [...this.#clips.values()].filter((clip) => clip.logs !== 0 || clip.ready !== 0 || clip.published !== 0);
    if (clips.length === 0) return;
    const ids = [...new Set(clips.map((clip) => clip.clip_id))];
    await tx.selectFrom('clip').select('id').where('id', 'in', ids).orderBy('id').forShare().execute();
    await countClips(tx, clips);
  }

  async #saveBuckets(tx: Transaction<Database>): Promise<void> {
    const rows = [...this.#buckets.values()].filter((row) => row.created + row.succeeded + row.failed > 0);
    if (rows.length === 0) return;
    const column = <Value>(read: (row: BucketSums) => Value): Value[] => rows.map(read);
    await sql`
      insert into publication_bucket as b (grain, bucket_at, platform_key, slot, created, succeeded, failed, duration_ms_sum, duration_count)
      select grain, bucket_at, platform_key, 0, created, succeeded, failed, ms, samples
      from unnest(${column((row) => row.grain)}::text[], ${column((row) => row.bucket_at)}::timestamptz[], ${column((row) => row.platform_key)}::text[],
        ${column((row) => row.created)}::bigint[], ${column((row) => row.succeeded)}::bigint[], ${column((row) => row.failed)}::bigint[],
        ${column((row) => row.duration_ms_sum)}::bigint[], ${column((row) => row.duration_count)}::bigint[])
        as i(grain, bucket_at, platform_key, created, succeeded, failed, ms, samples)
      order by grain, bucket_at, platform_key
      on conflict (grain, bucket_at, platform_key, slot) do update set created = b.created + excluded.created,
        succeeded = b.succeeded + excluded.succeeded, failed = b.failed + excluded.failed,
        duration_ms_sum = b.duration_ms_sum + excluded.duration_ms_sum, duration_count = b.duration_count + excluded.duration_count`.execute(
      tx,
    );
  }
}
