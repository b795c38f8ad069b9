import { countCampaign, createCampaign, getCampaign, listCampaigns, updateCampaign } from '@tidemark/core/campaigns';
import {
  Campaign,
  CampaignCounts,
  CampaignInput,
  CreateCampaignInput,
  ListCampaignsInput,
  ListCampaignsOutput,
  UpdateCampaignInput,
} from '@tidemark/core/campaigns/contract';
import { createClip, getClip, importClips, listClips, updateClip } from '@tidemark/core/clips';
import { Clip, ClipInput, CreateClipInput, ListClipsInput, ListClipsOutput, UpdateClipInput } from '@tidemark/core/clips/contract';
import { checkPayloads } from '@tidemark/core/kinds';
import { CsvImportAnswer, CsvImportInput } from '@tidemark/core/contract';
import { createVideo, createVideoJob, getVideo, listVideoJobs, listVideos, updateVideo } from '@tidemark/core/videos';
import {
  CreateVideoInput,
  CreateVideoJobInput,
  ListVideoJobsInput,
  ListVideoJobsOutput,
  ListVideosInput,
  ListVideosOutput,
  UpdateVideoInput,
  Video,
  VideoInput,
  VideoJob,
} from '@tidemark/core/videos/contract';
import { CSV_BODY, IMPORTING } from './csv-import.ts';
import { shown } from '../shown.ts';
import { operator, router, shape, viewer } from '../trpc.ts';

export const videosRouter = router({
  create: operator({
    method: 'POST',
    path: '/v1/videos',
    status: 201,
    summary: 'Create a video',
    examples: { input: { title: 'Launch', duration_ms: 90_000 } },
  })
    .input(CreateVideoInput)
    .output(shape(Video))
    .mutation(({ ctx, input }) => createVideo(ctx.core, input)),
  list: viewer({ method: 'GET', path: '/v1/videos', summary: 'List videos, newest first' })
    .input(ListVideosInput)
    .output(shape(ListVideosOutput))
    .query(({ ctx, input }) => listVideos(ctx.core, input)),
  get: viewer({ method: 'GET', path: '/v1/videos/{id}', summary: 'Get a video' })
    .input(VideoInput)
    .output(shape(Video))
    .query(({ ctx, input }) => getVideo(ctx.core, input)),
  update: operator({ method: 'PATCH', path: '/v1/videos/{id}', summary: 'Change a video' })
    .input(UpdateVideoInput)
    .output(shape(Video))
    .mutation(({ ctx, input }) => updateVideo(ctx.core, input)),
  createJob: operator({
    audit: 'counted',
    method: 'POST',
    path: '/v1/videos/{id}/jobs',
    status: 201,
    has_idempotency_key: true,
    summary: 'Create a workload that works on a video',
    description: 'A job is a workload with a video, and optionally a clip and a platform; the statistics count it.',
    examples: { input: { kind: 'command', payload: { command: 'echo cut' }, platform: 'tiktok' } },
  })
    .input(CreateVideoJobInput)
    .output(shape(VideoJob))
    .mutation(async ({ ctx, input }) => {
      await checkPayloads(ctx.core, [input]);
      return shown(ctx.actor, await createVideoJob(ctx.core, input));
    }),
  listJobs: viewer({ method: 'GET', path: '/v1/videos/{id}/jobs', summary: 'List the jobs of a video, newest first' })
    .input(ListVideoJobsInput)
    .output(shape(ListVideoJobsOutput))
    .query(({ ctx, input }) => listVideoJobs(ctx.core, input)),
});

export const clipsRouter = router({
  create: operator({
    method: 'POST',
    path: '/v1/clips',
    status: 201,
    summary: 'Create a clip of a video',
    examples: { input: { video_id: 'vid_1', title: 'Teaser', visual_score: 0.82, start_ms: 0, end_ms: 15_000 } },
  })
    .input(CreateClipInput)
    .output(shape(Clip))
    .mutation(({ ctx, input }) => createClip(ctx.core, input)),
  importCsv: operator({
    method: 'POST',
    path: '/v1/clips/import',
    text_body: CSV_BODY,
    summary: 'Create clips from a CSV of up to 100,000 rows',
    description: IMPORTING,
    examples: { input: { content: 'video_id,title,visual_score\nvid_1,Teaser,0.82\n' } },
  })
    .input(CsvImportInput)
    .output(shape(CsvImportAnswer))
    .mutation(({ ctx, input }) => importClips(ctx.core, input)),
  list: viewer({ method: 'GET', path: '/v1/clips', summary: 'List clips, newest first' })
    .input(ListClipsInput)
    .output(shape(ListClipsOutput))
    .query(({ ctx, input }) => listClips(ctx.core, input)),
  get: viewer({ method: 'GET', path: '/v1/clips/{id}', summary: 'Get a clip' })
    .input(ClipInput)
    .output(shape(Clip))
    .query(({ ctx, input }) => getClip(ctx.core, input)),
  update: operator({ method: 'PATCH', path: '/v1/clips/{id}', summary: 'Change a clip' })
    .input(UpdateClipInput)
    .output(shape(Clip))
    .mutation(({ ctx, input }) => updateClip(ctx.core, input)),
});

export const campaignsRouter = router({
  create: operator({
    method: 'POST',
    path: '/v1/campaigns',
    status: 201,
    summary: 'Create a campaign of clips',
    examples: { input: { name: 'Spring', status: 'active', clip_ids: ['clip_1'], budget: 500 } },
  })
    .input(CreateCampaignInput)
    .output(shape(Campaign))
    .mutation(({ ctx, input }) => createCampaign(ctx.core, input)),
  list: viewer({ method: 'GET', path: '/v1/campaigns', summary: 'List campaigns, newest first' })
    .input(ListCampaignsInput)
    .output(shape(ListCampaignsOutput))
    .query(({ ctx, input }) => listCampaigns(ctx.core, input)),
  get: viewer({ method: 'GET', path: '/v1/campaigns/{id}', summary: 'Get a campaign' })
    .input(CampaignInput)
    .output(shape(Campaign))
    .query(({ ctx, input }) => getCampaign(ctx.core, input)),
  counts: viewer({
    method: 'GET',
    path: '/v1/campaigns/{id}/counts',
    summary: 'Count what became of the publications of a campaign',
  })
    .input(CampaignInput)
    .output(shape(CampaignCounts))
    .query(({ ctx, input }) => countCampaign(ctx.core, input)),
  update: operator({
    method: 'PATCH',
    path: '/v1/campaigns/{id}',
    summary: 'Change a campaign',
    description: 'It becomes completed only when none of its publications waits or is under way.',
  })
    .input(UpdateCampaignInput)
    .output(shape(Campaign))
    .mutation(({ ctx, input }) => updateCampaign(ctx.core, input)),
});
