import type { Subject, SubjectName } from '../trial.ts';

/** Only the asked subject is loaded: each runs in a process of its own. */
export const LOADERS: Readonly<Record<SubjectName, () => Promise<Subject>>> = {
  tidemark: async () => (await import('./tidemark/index.ts')).tidemark,
  'tidemark-http': async () => (await import('./tidemark/index.ts')).tidemarkHttp,
  'tidemark-single': async () => (await import('./tidemark/index.ts')).tidemarkSingle,
  'tidemark-uncounted': async () => (await import('./tidemark/index.ts')).tidemarkUncounted,
  'tidemark-pglite': async () => (await import('./tidemark/index.ts')).tidemarkPglite,
  'pg-boss': async () => (await import('./pg-boss.ts')).pgBoss,
  'pg-boss-batched': async () => (await import('./pg-boss.ts')).pgBossBatched,
  'pg-boss-pglite': async () => (await import('./pg-boss.ts')).pgBossPglite,
  'graphile-worker': async () => (await import('./graphile-worker.ts')).graphileWorker,
  'graphile-worker-tuned': async () => (await import('./graphile-worker.ts')).graphileWorkerTuned,
  'bullmq-redis': async () => (await import('./bullmq.ts')).bullmqRedis,
  'bullmq-postgres': async () => (await import('./bullmq.ts')).bullmqPostgres,
  raw: async () => (await import('./raw/index.ts')).raw,
};
