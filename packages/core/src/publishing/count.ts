import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { PlatformKey } from '../platforms/contract.ts';
import { WINDOW_COLUMNS } from './window-delta.ts';

/** Rows a counter is spread over, so that writers seldom wait for each other; readers add them up. */
export const SLOTS = sql.raw('pg_backend_pid() % 8');

const COUNTED = [...WINDOW_COLUMNS, 'jobs_pending', 'jobs_running', 'jobs_completed', 'jobs_failed', 'jobs_cancelled'] as const;
export type Counted = (typeof COUNTED)[number];
export type CountKey = PlatformKey | 'none';

/** Changes of the counters of one transaction, added up before they are written. */
export class CounterDelta {
  readonly #sums = new Map<CountKey, Map<Counted, number>>();

  add(key: CountKey, counted: Counted, by: number): void {
    if (by === 0) return;
    const sums = this.#sums.get(key) ?? new Map<Counted, number>();
    this.#sums.set(key, sums);
    sums.set(counted, (sums.get(counted) ?? 0) + by);
  }

  /** Writes what is left, row by row in one order: two writers never wait for each other in a circle. */
  async save(tx: Transaction<Database>): Promise<void> {
    const keys = [...this.#sums.keys()].toSorted();
    if (keys.length === 0) return;
    const columns = COUNTED.map((counted) => sql`${keys.map((key) => this.#sums.get(key)?.get(counted) ?? 0)}::bigint[]`);
    const names = sql.join(COUNTED.map((counted) => sql.ref(counted)));
    const sums = sql.join(COUNTED.map((counted) => sql`${sql.ref(counted)} = c.${sql.ref(counted)} + excluded.${sql.ref(counted)}`));
    await sql`
      insert into publishing_counter as c (slot, platform_key, ${names})
      select ${SLOTS}, * from unnest(${keys}::text[], ${sql.join(columns)}) order by 2
      on conflict (slot, platform_key) do update set ${sums}`.execute(tx);
  }
}

/** One clip's change on one platform: of publications, of those waiting and of those published. */
export interface ClipDelta {
  readonly clip_id: string;
  readonly platform_key: PlatformKey;
  logs: number;
  ready: number;
  published: number;
}

/**
 * Keeps the number of distinct clips per platform: it changes when a clip's count leaves or reaches zero. The clips must be locked
 * by the caller (`for share`), so that a score set meanwhile is not missed. Sums of scores are made by the database, in decimals.
 */
export async function countClips(tx: Transaction<Database>, deltas: readonly ClipDelta[]): Promise<void> {
  const changed = deltas.filter((delta) => delta.logs !== 0 || delta.ready !== 0 || delta.published !== 0);
  if (changed.length === 0) return;
  const column = <Value>(read: (delta: ClipDelta) => Value): Value[] => changed.map(read);
  await sql`
    with d as (
      select * from unnest(${column((delta) => delta.clip_id)}::text[], ${column((delta) => delta.platform_key)}::text[],
        ${column((delta) => delta.logs)}::bigint[], ${column((delta) => delta.ready)}::bigint[], ${column((delta) => delta.published)}::bigint[])
        as d(clip_id, platform_key, logs, ready, published)
    ), kept as (
      insert into platform_clip as p (clip_id, platform_key, log_count, ready_count, success_count, score)
      select d.clip_id, d.platform_key, d.logs, d.ready, d.published, clip.visual_score
      from d join clip on clip.id = d.clip_id order by d.clip_id collate "C", d.platform_key collate "C"
      on conflict (clip_id, platform_key) do update set log_count = p.log_count + excluded.log_count,
        ready_count = p.ready_count + excluded.ready_count, success_count = p.success_count + excluded.success_count
      returning *
    ), moved as (
      select k.platform_key,
        sum((k.ready_count > 0)::int - (k.ready_count - d.ready > 0)::int) as clips_ready,
        sum((k.success_count > 0)::int - (k.success_count - d.published > 0)::int) as clips_published,
        sum(case when k.score is null then 0 else (k.log_count > 0)::int - (k.log_count - d.logs > 0)::int end) as clips_scored,
        sum(coalesce(k.score, 0) * ((k.log_count > 0)::int - (k.log_count - d.logs > 0)::int)) as score_sum
      from kept k join d using (clip_id, platform_key) group by k.platform_key
    )
    insert into publishing_counter as c (slot, platform_key, clips_ready, clips_published, clips_scored, score_sum)
    select ${SLOTS}, platform_key, clips_ready, clips_published, clips_scored, score_sum from moved
    where clips_ready <> 0 or clips_published <> 0 or clips_scored <> 0 or score_sum <> 0 order by platform_key collate "C"
    on conflict (slot, platform_key) do update set clips_ready = c.clips_ready + excluded.clips_ready,
      clips_published = c.clips_published + excluded.clips_published, clips_scored = c.clips_scored + excluded.clips_scored,
      score_sum = c.score_sum + excluded.score_sum`.execute(tx);
}

/** Puts a clip's new score into the averages of the platforms it is on. The caller has locked and changed the clip. */
export async function countScore(
  tx: Transaction<Database>,
  clip: { id: string; before: number | null; after: number | null },
): Promise<void> {
  const scored = Number(clip.after !== null) - Number(clip.before !== null);
  await sql`
    with kept as (
      update platform_clip set score = ${clip.after}::numeric where clip_id = ${clip.id} returning platform_key, log_count
    )
    insert into publishing_counter as c (slot, platform_key, clips_scored, score_sum)
    select ${SLOTS}, platform_key, ${scored}::int, coalesce(${clip.after}::numeric, 0) - coalesce(${clip.before}::numeric, 0)
    from kept where log_count > 0 order by platform_key collate "C"
    on conflict (slot, platform_key) do update set clips_scored = c.clips_scored + excluded.clips_scored,
      score_sum = c.score_sum + excluded.score_sum`.execute(tx);
}

type Total = 'videos' | 'clips' | 'draft' | 'active' | 'paused' | 'completed';

/** Adds to the totals that belong to no platform. `spent` is a pair: what a campaign had spent before and has now. */
export async function countTotals(
  tx: Transaction<Database>,
  delta: Readonly<Partial<Record<Total, number>>>,
  spent: { before: number; after: number } = { before: 0, after: 0 },
): Promise<void> {
  await sql`
    insert into publishing_total as t (slot, videos, clips, draft, active, paused, completed, budget_spent)
    values (${SLOTS}, ${delta.videos ?? 0}, ${delta.clips ?? 0}, ${delta.draft ?? 0}, ${delta.active ?? 0}, ${delta.paused ?? 0},
      ${delta.completed ?? 0}, ${spent.after}::numeric - ${spent.before}::numeric)
    on conflict (slot) do update set videos = t.videos + excluded.videos, clips = t.clips + excluded.clips, draft = t.draft + excluded.draft,
      active = t.active + excluded.active, paused = t.paused + excluded.paused, completed = t.completed + excluded.completed,
      budget_spent = t.budget_spent + excluded.budget_spent`.execute(tx);
}
