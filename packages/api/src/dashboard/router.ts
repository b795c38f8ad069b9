import { getDashboard } from '@tidemark/core/dashboard';
import { Dashboard, DashboardInput } from '@tidemark/core/dashboard/contract';
import { router, shape, viewer } from '../trpc.ts';

export const dashboardRouter = router({
  get: viewer({ method: 'GET', path: '/api/dashboard', summary: 'How all monitors stand, and the five that ran last' })
    .input(DashboardInput)
    .output(shape(Dashboard))
    .query(({ ctx }) => getDashboard(ctx.core)),
});
