import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { lenient, parseSearch, stringifySearch } from '../lib/search.ts';
import { workloadSearch } from '../features/workloads/search.ts';
import { workerSearch } from '../features/workers/search.ts';
import { ErrorPage, NotFoundPage } from './error-pages.tsx';
import { RootLayout } from './root-layout.tsx';

const rootRoute = createRootRoute({ component: RootLayout, notFoundComponent: NotFoundPage });

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../features/overview/overview-page.tsx'), 'OverviewPage'),
});

const workloadsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workloads',
  validateSearch: lenient(workloadSearch),
  component: lazyRouteComponent(() => import('../features/workloads/list-page.tsx'), 'WorkloadsPage'),
});

const workloadRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workloads/$id',
  component: lazyRouteComponent(() => import('../features/workloads/detail-page.tsx'), 'WorkloadPage'),
});

const workersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workers',
  validateSearch: lenient(workerSearch),
  component: lazyRouteComponent(() => import('../features/workers/list-page.tsx'), 'WorkersPage'),
});

const workerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workers/$id',
  component: lazyRouteComponent(() => import('../features/workers/detail-page.tsx'), 'WorkerPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([overviewRoute, workloadsRoute, workloadRoute, workersRoute, workerRoute]),
  parseSearch,
  stringifySearch,
  // A page sees only what its own validator let through.
  search: { strict: true },
  defaultPreload: 'intent',
  defaultErrorComponent: ErrorPage,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface HistoryState {
    /** Cursors of the pages before this one, oldest first; '' is the first page. */
    trail?: string[];
  }
}
