import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import { deleteMonitor } from '../monitors/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { PublicationTally } from '../publications/index.ts';
import { countTotals } from '../publishing/index.ts';
import { type FinalStatus, removeWorkloads } from '../retention/index.ts';
import { foldStatistics } from '../stats/index.ts';
import { foldVideoJobs } from '../videos/index.ts';
import { cancelWorkload } from '../workloads/index.ts';
import type { Demo } from './contract.ts';
import { DEMO_MARK } from './dice.ts';
import { findDemo, KEY } from './find-demo.ts';
import { removeLeftovers } from './remove-leftovers.ts';

const FINAL: readonly FinalStatus[] = ['completed', 'failed', 'cancelled'];
const PAGE = 500;

/** Work of the demo: what carries its label, and what was done for its monitors and publications. */
const IS_DEMO: RawBuilder<boolean> = sql`(labels @> '{"demo":"true"}'::jsonb
  or (idempotency_key like 'monitor-run:%' and payload like '%"test_id":"tst\\_demo\\_%')
  or labels ->> 'publication' in (select id from publication where clip_id like 'clip\\_demo\\_%'))`;

async function removeWork(ctx: CoreContext): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ id: string }>`select id from workload where status = 'pending' and ${IS_DEMO} limit ${PAGE}`.execute(
      ctx.database.db,
    );
    for (const { id } of rows) await cancelWorkload(ctx, { id });
    if (rows.length < PAGE) break;
  }
  for (const status of FINAL) await removeWorkloads(ctx, status, sql<boolean>`status = ${sql.lit(status)} and ${IS_DEMO}`);
  await foldStatistics(ctx);
  await foldVideoJobs(ctx);
}

async function removeMonitors(ctx: CoreContext): Promise<void> {
  const monitors = await ctx.database.db.selectFrom('monitor').select('id').where('id', 'like', 'tst\\_demo\\_%').execute();
  for (const { id } of monitors) await deleteMonitor(ctx, { test_id: id });
  await ctx.database.db.deleteFrom('channel').where('id', 'like', 'ch\\_demo\\_%').execute();
}

/** Videos, clips and campaigns of the demo with everything published of them. */
async function removePublishing(tx: Transaction<Database>): Promise<void> {
  const rows = await tx
    .selectFrom('publication')
    .selectAll()
    .where('clip_id', 'like', 'clip\\_demo\\_%')
    .orderBy('id')
    .forUpdate()
    .execute();
  const tally = new PublicationTally();
  for (const row of rows) tally.remove(row);
  await tally.save(tx);
  await sql`delete from publication_attempt where publication_id in (select id from publication where clip_id like 'clip\\_demo\\_%')`.execute(
    tx,
  );
  await tx.deleteFrom('publication').where('clip_id', 'like', 'clip\\_demo\\_%').execute();
  await tx.updateTable('publication').set({ campaign_id: null }).where('campaign_id', 'like', 'cmp\\_demo\\_%').execute();
  await tx.deleteFrom('platform_clip').where('clip_id', 'like', 'clip\\_demo\\_%').execute();
  await tx.deleteFrom('video_job').where('video_id', 'like', 'vid\\_demo\\_%').execute();
  const clips = await tx.deleteFrom('clip').where('id', 'like', 'clip\\_demo\\_%').returning('id').execute();
  const videos = await tx.deleteFrom('video').where('id', 'like', 'vid\\_demo\\_%').returning('id').execute();
  await countTotals(tx, { videos: -videos.length, clips: -clips.length });
  const campaigns = await tx.deleteFrom('campaign').where('id', 'like', 'cmp\\_demo\\_%').returning(['status', 'spend']).execute();
  for (const { status, spend } of campaigns) await countTotals(tx, { [status]: -1 }, { before: spend, after: 0 });
  await sql`delete from social_account a where a.id like any (array['ig\\_harbour%', 'tt\\_harbour%', 'yt\\_harbour%', 'fb\\_harbour%', 'li\\_harbour%'])
    and not exists (select from publication p where p.platform_key = a.platform_key and p.social_account_id = a.id)`.execute(tx);
  const platforms = await sql<{ key: string }>`delete from platform where secret like 'demo-secret-%' returning key`.execute(tx);
  await sql`delete from queue where name = any(${[...platforms.rows.map(({ key }) => `publish:${key}`), 'scans', 'media', 'reports']}::text[])`.execute(
    tx,
  );
}

/** Agents of the demo with their history, and the roll-ups of the time in which there was nothing else. */
async function removeHistory(tx: Transaction<Database>, demo: Demo): Promise<void> {
  const worker = sql.raw("like 'wk\\_demo\\_%'");
  await sql`delete from worker_flag where worker_id ${worker}`.execute(tx);
  await sql`delete from worker_session where worker_id ${worker}`.execute(tx);
  await sql`delete from worker where id ${worker}`.execute(tx);
  await sql`delete from worker_history_pack where worker_id ${worker}`.execute(tx);
  await sql`delete from throughput_bucket where (scope = 'worker' and key ${worker}) or (scope = 'job' and key like ${`wl\\___________${DEMO_MARK}%`})`.execute(
    tx,
  );
  await sql`delete from failure_group where last_ref ~ ${`^(wl|run|pub)_.{10}${DEMO_MARK}`} or (domain = 'monitor' and subject like 'tst\\_demo\\_%')`.execute(
    tx,
  );
  if (!demo.is_alone) return;
  const before = demo.loaded_at;
  await sql`delete from throughput_bucket where bucket_at < ${before}::timestamptz and scope <> 'job'`.execute(tx);
  await sql`delete from stat_bucket where bucket_start < ${before}::timestamptz`.execute(tx);
  await sql`delete from stat_histogram where bucket_start < ${before}::timestamptz`.execute(tx);
  await sql`delete from stat_created where created_minute < ${before}::timestamptz and pending = 0 and running = 0 and completed = 0 and failed = 0 and cancelled = 0`.execute(
    tx,
  );
  await sql`delete from publication_bucket where bucket_at < ${before}::timestamptz`.execute(tx);
}

/**
 * Removes demo data and what live traffic made of it; work of others stays, and so does the log. Statistics over time lose the demo's
 * part only where the database was empty before it. Stop live traffic first: what runs now stays.
 * Answers what was removed: null when it was no more than what a load left behind that was killed.
 * @throws {AppError} NOT_FOUND when there is no demo data.
 */
export async function removeDemo(ctx: CoreContext): Promise<Demo | null> {
  const demo = await findDemo(ctx);
  if (demo === null) {
    if (await removeLeftovers(ctx)) return null;
    throw new AppError('NOT_FOUND', 'There is no demo data.');
  }
  await removeMonitors(ctx);
  await removeWork(ctx);
  await ctx.database.db.transaction().execute(async (tx) => {
    await removePublishing(tx);
    await removeHistory(tx, demo);
    await tx.deleteFrom('setting').where('key', '=', KEY).execute();
  });
  await ctx.queues.refresh();
  return demo;
}
