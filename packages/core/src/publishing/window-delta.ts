import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PlatformKey } from '../platforms/contract.ts';
import { BUCKET_SECONDS } from '../runs/index.ts';

/** What a bucket of a window keeps. */
export const WINDOW_COLUMNS = [
  'pending',
  'scheduled',
  'processing',
  'success',
  'failed',
  'cancelled',
  'unconfirmed',
  'duration_ms_sum',
  'duration_count',
  'clock_skew',
] as const;
export type WindowColumn = (typeof WINDOW_COLUMNS)[number];

interface Bucket {
  readonly seconds: number;
  readonly at: string;
  readonly key: PlatformKey;
  readonly sums: Map<WindowColumn, number>;
}

/** Changes of the buckets of one transaction, by when publications were requested. */
export class WindowDelta {
  readonly #buckets = new Map<string, Bucket>();

  add(of: { key: PlatformKey; requested_at: string }, column: WindowColumn, by: number): void {
    const ms = Date.parse(of.requested_at);
    for (const seconds of BUCKET_SECONDS) {
      const at = new Date(Math.floor(ms / (seconds * 1000)) * seconds * 1000).toISOString();
      const name = `${seconds}:${at}:${of.key}`;
      const bucket = this.#buckets.get(name) ?? { seconds, at, key: of.key, sums: new Map() };
      this.#buckets.set(name, bucket);
      bucket.sums.set(column, (bucket.sums.get(column) ?? 0) + by);
    }
  }

  /** In one order, the last before the events: they are written one transaction at a time anyway. */
  async save(tx: Transaction<Database>): Promise<void> {
    const buckets = [...this.#buckets.values()].filter((bucket) => [...bucket.sums.values()].some((sum) => sum !== 0));
    if (buckets.length === 0) return;
    const columns = WINDOW_COLUMNS.map((column) => sql`${buckets.map((bucket) => bucket.sums.get(column) ?? 0)}::bigint[]`);
    const names = sql.join(WINDOW_COLUMNS.map((column) => sql.ref(column)));
    const sums = WINDOW_COLUMNS.map((column) => sql`${sql.ref(column)} = w.${sql.ref(column)} + excluded.${sql.ref(column)}`);
    await sql`
      insert into publishing_window as w (bucket_seconds, bucket_at, platform_key, ${names})
      select * from unnest(${buckets.map((bucket) => bucket.seconds)}::int[], ${buckets.map((bucket) => bucket.at)}::timestamptz[],
        ${buckets.map((bucket) => bucket.key)}::text[], ${sql.join(columns)}) order by 1, 2, 3
      on conflict (bucket_seconds, bucket_at, platform_key) do update set ${sql.join(sums)}`.execute(tx);
  }
}
