import { decodeCursor } from '../cursors.ts';
import type { CoreContext } from '../ports/index.ts';
import { pageOf } from '../publishing/index.ts';
import type { WorkloadStatus } from '../workloads/contract.ts';
import type { ListVideoJobsInput, VideoJobSummary } from './contract.ts';
import { getVideo } from './get-video.ts';

/** The jobs of a video, newest first, a page at a time. @throws {AppError} NOT_FOUND */
export async function listVideoJobs(
  ctx: CoreContext,
  input: ListVideoJobsInput,
): Promise<{ items: VideoJobSummary[]; next_cursor: string | null }> {
  await getVideo(ctx, input);
  let query = ctx.database.db
    .selectFrom('video_job as j')
    .innerJoin('workload as w', 'w.id', 'j.workload_id')
    .select(['j.workload_id', 'j.video_id', 'j.clip_id', 'j.platform', 'w.status', 'j.created_at'])
    .where('j.video_id', '=', input.id)
    .orderBy('j.workload_id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('j.workload_id', '<', decodeCursor('video_jobs', input.cursor));
  const { items, next_cursor } = pageOf(await query.execute(), { list: 'video_jobs', limit: input.limit, key: (row) => row.workload_id });
  return { items: items.map((row) => ({ ...row, status: row.status as WorkloadStatus })), next_cursor };
}
