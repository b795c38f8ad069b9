import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { PLATFORM_KEYS } from '../platforms/contract.ts';
import { PublicationTally } from '../publications/index.ts';
import { CounterDelta, countTotals } from '../publishing/index.ts';
import { countedStatus } from '../videos/index.ts';
import { Dice } from './dice.ts';
import { insertRows } from './insert-rows.ts';
import type { PublishingPlan } from './plan-publishing.ts';
import type { WorkloadRow } from './plan-workloads.ts';
import type { Span } from './span.ts';

const RATES = { instagram: 30, tiktok: 20, youtube: 10, other: 60 } as const;

/** How the platforms are reached: at the demo's target, or paused without one. */
async function savePlatforms(tx: Transaction<Database>, at: { span: Span; target: string | null }): Promise<void> {
  const updated_at = at.span.iso(at.span.from);
  const rows = PLATFORM_KEYS.map((key) => ({
    key,
    connector: 'webhook' as const,
    url: `${at.target ?? 'http://127.0.0.1:9'}/publish/${key}`,
    secret: `demo-secret-${key}`,
    timeout_ms: 30_000,
    rate_per_minute: RATES[key],
    concurrency: 4,
    account_concurrency: 1,
    max_attempts: 3,
    missed_after_seconds: 3600,
    result_timeout_seconds: 86_400,
    honours_idempotency_key: false,
    is_paused: at.target === null,
    updated_at,
  }));
  await insertRows(tx, 'platform', rows);
  await insertRows(
    tx,
    'queue',
    rows.map((row) => ({
      name: `publish:${row.key}`,
      is_paused: row.is_paused,
      concurrency: row.concurrency,
      key_concurrency: row.account_concurrency,
      rate_per_minute: row.rate_per_minute,
      updated_at,
    })),
  );
}

/** Adds the jobs that work on videos, each to one of the videos there were. */
async function saveJobs(tx: Transaction<Database>, plan: PublishingPlan, at: { jobs: readonly WorkloadRow[]; span: Span }): Promise<void> {
  const dice = new Dice(at.span, 'video jobs');
  const counters = new CounterDelta();
  const rows = at.jobs.map((job) => {
    const known = plan.videos.filter((video) => (video.created_at ?? '') <= job.created_at);
    const video_id = known[dice.whole(0, Math.max(0, known.length - 1))]?.id ?? plan.videos[0]?.id ?? '';
    const platform = dice.chance(0.6) ? dice.pick(['instagram', 'tiktok', 'youtube'] as const) : null;
    const status = job.status;
    counters.add(platform ?? 'none', countedStatus(status), 1);
    return {
      workload_id: job.id,
      video_id,
      clip_id: null,
      platform,
      platform_key: platform ?? ('none' as const),
      status,
      created_at: job.created_at,
    };
  });
  await insertRows(tx, 'video_job', rows);
  await counters.save(tx);
}

/** Writes the publishing of a demo by the same tallies as real publishing. */
export async function savePublishing(
  tx: Transaction<Database>,
  plan: PublishingPlan,
  at: { span: Span; target: string | null; jobs: readonly WorkloadRow[] },
): Promise<void> {
  await savePlatforms(tx, at);
  await insertRows(tx, 'video', plan.videos);
  await insertRows(tx, 'clip', plan.clips);
  await insertRows(tx, 'campaign', plan.campaigns);
  await insertRows(tx, 'social_account', plan.accounts);
  await insertRows(
    tx,
    'publication',
    plan.publications.map(({ last }) => last),
  );
  await insertRows(
    tx,
    'publication_attempt',
    plan.publications.flatMap(({ attempts }) => attempts),
  );
  const tally = new PublicationTally();
  for (const { first, last } of plan.publications) {
    tally.change(null, first, first.created_at);
    if (last !== first) tally.change(first, last, last.updated_at);
  }
  await tally.save(tx);
  await saveJobs(tx, plan, at);
  await countTotals(tx, { videos: plan.videos.length, clips: plan.clips.length });
  for (const { status, spend } of plan.campaigns) await countTotals(tx, { [status]: 1 }, { before: 0, after: spend });
}
