import { getSystem } from '@tidemark/core/system';
import { GetSystemInput, System } from '@tidemark/core/system/contract';
import { router, shape, viewer } from '../trpc.ts';
import { VERSION } from '../version.ts';

const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString();

export const systemRouter = router({
  get: viewer({
    method: 'GET',
    path: '/v1/system',
    summary: 'What this server runs on, and what its database holds',
    description: 'Sizes come from the catalogue of the database and are at most 15 seconds old: no table is read.',
  })
    .input(GetSystemInput)
    .output(shape(System))
    .query(async ({ ctx }) => ({
      version: VERSION,
      node_version: process.versions.node,
      started_at: startedAt,
      ...(await getSystem(ctx.core)),
    })),
});
