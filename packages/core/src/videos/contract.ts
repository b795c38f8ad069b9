import * as z from 'zod';
import { Cursor, Id, json, limit, Name, shownName, text } from '../contract.ts';
import { PlatformName } from '../platforms/contract.ts';
import { Isolation, MAX_PAYLOAD_BYTES, Workload, WorkloadStatus } from '../workloads/contract.ts';

const MAX_MEDIA_MS = 31_622_400_000;
/** A title or name: one line for people. */
export const Title = shownName(300).refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' });

export const MediaMs = z.int().min(0).max(MAX_MEDIA_MS);

export const Video = z
  .object({
    id: z.string(),
    title: z.string(),
    source_url: z.string().nullable(),
    duration_ms: z.int().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Video' });
export type Video = z.infer<typeof Video>;

const Fields = {
  title: Title,
  source_url: z.url({ error: 'must be an address' }).max(2048).nullable(),
  duration_ms: MediaMs.nullable(),
};
export const CreateVideoInput = z.strictObject({
  id: Id.optional(),
  title: Fields.title,
  source_url: Fields.source_url.optional(),
  duration_ms: Fields.duration_ms.optional(),
});
export type CreateVideoInput = z.infer<typeof CreateVideoInput>;
export const UpdateVideoInput = z.strictObject({ id: Id, ...z.strictObject(Fields).partial().shape });
export type UpdateVideoInput = z.infer<typeof UpdateVideoInput>;
export const VideoInput = z.strictObject({ id: Id });
export const ListVideosInput = z.strictObject({
  q: text(200, 1).optional().describe('Part of the title.'),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListVideosInput = z.infer<typeof ListVideosInput>;
export const ListVideosOutput = z.object({ items: z.array(Video), next_cursor: z.string().nullable() });

/** A workload that works on a video. */
export const VideoJob = Workload.extend({ video_id: z.string(), clip_id: z.string().nullable(), platform: z.string().nullable() }).meta({
  id: 'VideoJob',
});
export type VideoJob = z.infer<typeof VideoJob>;
export const VideoJobSummary = z.object({
  workload_id: z.string(),
  video_id: z.string(),
  clip_id: z.string().nullable(),
  platform: z.string().nullable(),
  status: WorkloadStatus,
  created_at: z.string(),
});
export type VideoJobSummary = z.infer<typeof VideoJobSummary>;

export const CreateVideoJobInput = z.strictObject({
  id: Id.describe('The video.'),
  kind: Name,
  isolation: Isolation.optional(),
  payload: json(MAX_PAYLOAD_BYTES).default({}),
  clip_id: Id.optional(),
  platform: PlatformName.optional(),
  queue: Name.default('default'),
  priority: z.int().min(-1000).max(1000).default(0),
  max_attempts: z.int().min(1).max(1000).default(1),
  timeout_ms: z.int().min(1).max(31_622_400_000).default(3_600_000),
  idempotency_key: text(255, 1).optional(),
});
export type CreateVideoJobInput = z.infer<typeof CreateVideoJobInput>;
export const ListVideoJobsInput = z.strictObject({ id: Id, limit: limit(50, 200), cursor: Cursor.optional() });
export type ListVideoJobsInput = z.infer<typeof ListVideoJobsInput>;
export const ListVideoJobsOutput = z.object({ items: z.array(VideoJobSummary), next_cursor: z.string().nullable() });
