import { createDashboard, deleteDashboard, getDashboard, listDashboards, readDashboard, updateDashboard } from '@tidemark/core/dashboards';
import {
  CreateDashboardInput,
  DashboardInput,
  DashboardValues,
  ListDashboardsInput,
  ListDashboardsOutput,
  SavedDashboard,
  UpdateDashboardInput,
} from '@tidemark/core/dashboards/contract';
import { Deleted } from '@tidemark/core/monitors/contract';
import type { ApiContext } from '../trpc.ts';
import { router, shape, viewer } from '../trpc.ts';

/** Whose dashboards a caller has: of the person or key; an open server has one set for everybody. */
function ownerOf({ actor }: ApiContext): string {
  return actor.id === null ? actor.kind : `${actor.kind}:${actor.id}`;
}

/** Everybody who may look may save what he looks at: the role of a reader is enough. */
export const dashboardsRouter = router({
  create: viewer({
    method: 'POST',
    path: '/v1/publishing/dashboards',
    status: 201,
    summary: 'Save a set of metrics as a dashboard of your own',
    examples: { input: { name: 'Mornings', items: [{ metric: 'queue.pending' }, { metric: 'recent.failed', platform: 'tiktok' }] } },
  })
    .input(CreateDashboardInput)
    .output(shape(SavedDashboard))
    .mutation(({ ctx, input }) => createDashboard(ctx.core, ownerOf(ctx), input)),
  list: viewer({ method: 'GET', path: '/v1/publishing/dashboards', summary: 'List your dashboards and those that are shared' })
    .input(ListDashboardsInput)
    .output(shape(ListDashboardsOutput))
    .query(({ ctx, input }) => listDashboards(ctx.core, ownerOf(ctx), input)),
  get: viewer({ method: 'GET', path: '/v1/publishing/dashboards/{id}', summary: 'Get a dashboard' })
    .input(DashboardInput)
    .output(shape(SavedDashboard))
    .query(({ ctx, input }) => getDashboard(ctx.core, ownerOf(ctx), input)),
  values: viewer({ method: 'GET', path: '/v1/publishing/dashboards/{id}/values', summary: 'Get a dashboard with its values now' })
    .input(DashboardInput)
    .output(shape(DashboardValues))
    .query(({ ctx, input }) => readDashboard(ctx.core, ownerOf(ctx), input)),
  update: viewer({ method: 'PATCH', path: '/v1/publishing/dashboards/{id}', summary: 'Change a dashboard of your own' })
    .input(UpdateDashboardInput)
    .output(shape(SavedDashboard))
    .mutation(({ ctx, input }) => updateDashboard(ctx.core, ownerOf(ctx), input)),
  remove: viewer({ method: 'DELETE', path: '/v1/publishing/dashboards/{id}', summary: 'Delete a dashboard of your own' })
    .input(DashboardInput)
    .output(shape(Deleted))
    .mutation(({ ctx, input }) => deleteDashboard(ctx.core, ownerOf(ctx), input)),
});
