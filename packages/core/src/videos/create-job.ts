import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, notFound } from '../errors.ts';
import { platformKeyOf } from '../platforms/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import { CounterDelta } from '../publishing/index.ts';
import { CreateWorkloadInput, type Workload } from '../workloads/contract.ts';
import { createWorkload } from '../workloads/index.ts';
import type { CreateVideoJobInput, VideoJob } from './contract.ts';
import { countedStatus, leftBy, type JobEvent } from './job-events.ts';

async function requireParts(ctx: CoreContext, input: CreateVideoJobInput): Promise<void> {
  const { db } = ctx.database;
  const video = await db.selectFrom('video').select('id').where('id', '=', input.id).executeTakeFirst();
  if (video === undefined) throw notFound('video', input.id);
  if (input.clip_id === undefined) return;
  const clip = await db.selectFrom('clip').select('video_id').where('id', '=', input.clip_id).executeTakeFirst();
  if (clip === undefined) throw notFound('clip', input.clip_id);
  if (clip.video_id === input.id) return;
  throw new AppError('VALIDATION', `clip_id: the clip "${input.clip_id}" is not of this video.`, {
    issues: [{ path: 'clip_id', message: 'is not of this video' }],
  });
}

/** The workload's status as the projection has read it: what the first event it has not read left, or what is. */
async function statusAsRead(tx: Transaction<Database>, id: string): Promise<string | null> {
  const { rows } = await sql<{ status: string; next: string | null }>`
    select w.status, (
      select json_strip_nulls(json_build_object('type', m.type, 'from', m.from_status))::text from workload_move m
      where m.position > (select position from projection where name = 'video_jobs') and m.id = w.id
      order by m.position, m.nth, m.place limit 1) as next
    from workload w where w.id = ${id}`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw notFound('workload', id);
  return row.next === null ? row.status : leftBy(JSON.parse(row.next) as JobEvent);
}

async function link(ctx: CoreContext, workload: Workload, input: CreateVideoJobInput): Promise<void> {
  const platform_key = input.platform === undefined ? 'none' : platformKeyOf(input.platform);
  await ctx.database.db.transaction().execute(async (tx) => {
    // Keeps the projection where it is until the link is there.
    await tx.selectFrom('projection').select('position').where('name', '=', 'video_jobs').forUpdate().executeTakeFirstOrThrow();
    const status = await statusAsRead(tx, workload.id);
    const made = await tx
      .insertInto('video_job')
      .values({
        workload_id: workload.id,
        video_id: input.id,
        clip_id: input.clip_id ?? null,
        platform: input.platform ?? null,
        platform_key,
        status,
        created_at: workload.created_at,
      })
      .onConflict((conflict) => conflict.column('workload_id').doNothing())
      .returning('workload_id')
      .executeTakeFirst();
    if (made === undefined || status === null) return;
    const counters = new CounterDelta();
    counters.add(platform_key, countedStatus(status), 1);
    await counters.save(tx);
  });
}

/**
 * Creates a workload that works on a video. The same idempotency key and body answers with the first one.
 * @throws {AppError} NOT_FOUND for the video or the clip, VALIDATION, CONFLICT
 */
export async function createVideoJob(ctx: CoreContext, input: CreateVideoJobInput): Promise<VideoJob> {
  await requireParts(ctx, input);
  const { id: video_id, clip_id, platform, ...rest } = input;
  const labels = { video: video_id, ...(clip_id === undefined ? {} : { clip: clip_id }), ...(platform === undefined ? {} : { platform }) };
  const workload = await createWorkload(ctx, CreateWorkloadInput.parse({ ...rest, labels }));
  await link(ctx, workload, input);
  return { ...workload, video_id, clip_id: clip_id ?? null, platform: platform ?? null };
}
