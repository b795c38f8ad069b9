export { createVideoJob } from './create-job.ts';
export { createVideo } from './create-video.ts';
export { foldVideoJobs } from './fold-jobs.ts';
export { getVideo } from './get-video.ts';
export { countedStatus } from './job-events.ts';
export { listVideoJobs } from './list-jobs.ts';
export { listVideos } from './list-videos.ts';
export { updateVideo } from './update-video.ts';
