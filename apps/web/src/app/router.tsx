import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { lenient, parseSearch, stringifySearch } from '../lib/search.ts';
import { activitySearch } from '../features/activity/search.ts';
import { monitorDetailSearch, monitorSearch } from '../features/monitors/search.ts';
import { outageSearch } from '../features/outages/search.ts';
import { overviewSearch } from '../features/overview/search.ts';
import { failureSearch } from '../features/errors/search.ts';
import { calendarSearch, campaignSearch, publicationSearch } from '../features/publishing/search.ts';
import { auditSearch } from '../features/settings/audit-search.ts';
import { queueSearch } from '../features/queues/search.ts';
import { workloadSearch } from '../features/workloads/search.ts';
import { basePath } from '../lib/server-path.ts';
import { rangeSearch } from '../lib/ranges.ts';
import { textUpTo } from '../lib/search-values.ts';
import { workerSearch } from '../features/workers/search.ts';
import { ErrorPage, NotFoundPage } from './error-pages.tsx';
import { RootLayout } from './root-layout.tsx';

const rootRoute = createRootRoute({ component: RootLayout, notFoundComponent: NotFoundPage });

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: lenient(overviewSearch),
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
  validateSearch: lenient(rangeSearch),
  component: lazyRouteComponent(() => import('../features/workers/detail-page.tsx'), 'WorkerPage'),
});

const queuesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/queues',
  validateSearch: lenient(queueSearch),
  component: lazyRouteComponent(() => import('../features/queues/list-page.tsx'), 'QueuesPage'),
});

const monitorsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/monitors',
  validateSearch: lenient(monitorSearch),
  component: lazyRouteComponent(() => import('../features/monitors/list-page.tsx'), 'MonitorsPage'),
});

const monitorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/monitors/$id',
  validateSearch: lenient(monitorDetailSearch),
  component: lazyRouteComponent(() => import('../features/monitors/detail-page.tsx'), 'MonitorPage'),
});

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/monitors/$id/runs/$runId',
  component: lazyRouteComponent(() => import('../features/monitors/run-page.tsx'), 'RunPage'),
});

const incidentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/incidents',
  validateSearch: lenient(outageSearch),
  component: lazyRouteComponent(() => import('../features/outages/list-page.tsx'), 'IncidentsPage'),
});

const incidentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/incidents/$id',
  component: lazyRouteComponent(() => import('../features/outages/detail-page.tsx'), 'IncidentPage'),
});

const statusRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/status',
  component: lazyRouteComponent(() => import('../features/status/status-page.tsx'), 'StatusPage'),
});

const activityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activity',
  validateSearch: lenient(activitySearch),
  component: lazyRouteComponent(() => import('../features/activity/activity-page.tsx'), 'ActivityPage'),
});

const operationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activity/bulk/$id',
  component: lazyRouteComponent(() => import('../features/activity/operation-page.tsx'), 'OperationPage'),
});

const publishingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/publishing',
  validateSearch: lenient(rangeSearch),
  component: lazyRouteComponent(() => import('../features/publishing/pipeline-page.tsx'), 'PipelinePage'),
});

const publicationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/publishing/queue',
  validateSearch: lenient(publicationSearch),
  component: lazyRouteComponent(() => import('../features/publishing/queue-page.tsx'), 'PublicationsPage'),
});

const publicationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/publishing/queue/$id',
  component: lazyRouteComponent(() => import('../features/publishing/publication-page.tsx'), 'PublicationPage'),
});

const platformRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/publishing/platforms/$platform',
  validateSearch: lenient(rangeSearch),
  component: lazyRouteComponent(() => import('../features/publishing/platform-page.tsx'), 'PlatformPage'),
});

const campaignsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/publishing/campaigns',
  validateSearch: lenient(campaignSearch),
  component: lazyRouteComponent(() => import('../features/publishing/campaigns-page.tsx'), 'CampaignsPage'),
});

const campaignRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/publishing/campaigns/$id',
  validateSearch: lenient(calendarSearch),
  component: lazyRouteComponent(() => import('../features/publishing/campaign-page.tsx'), 'CampaignPage'),
});

const publishingPages = [publishingRoute, publicationsRoute, publicationRoute, platformRoute, campaignsRoute, campaignRoute] as const;

const settingsRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings',
    beforeLoad: () => {
      // oxlint-disable-next-line typescript/only-throw-error -- the router's way to lead elsewhere
      throw redirect({ to: '/settings/profile', replace: true });
    },
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/profile',
    component: lazyRouteComponent(() => import('../features/settings/profile-page.tsx'), 'ProfilePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/api-keys',
    component: lazyRouteComponent(() => import('../features/settings/keys-page.tsx'), 'KeysPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/secrets',
    component: lazyRouteComponent(() => import('../features/settings/secrets-page.tsx'), 'SecretsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/audit',
    validateSearch: lenient(auditSearch),
    component: lazyRouteComponent(() => import('../features/settings/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/members',
    component: lazyRouteComponent(() => import('../features/settings/members-page.tsx'), 'MembersPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/notifications',
    component: lazyRouteComponent(() => import('../features/settings/notifications-page.tsx'), 'NotificationsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/retention',
    component: lazyRouteComponent(() => import('../features/settings/retention-page.tsx'), 'RetentionPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/import-export',
    component: lazyRouteComponent(() => import('../features/settings/transfer-page.tsx'), 'TransferPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings/system',
    component: lazyRouteComponent(() => import('../features/settings/system-page.tsx'), 'SystemPage'),
  }),
] as const;

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: lenient({ next: textUpTo(2000), problem: textUpTo(32) }),
  component: lazyRouteComponent(() => import('../features/access/sign-in-page.tsx'), 'SignInPage'),
});

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  component: lazyRouteComponent(() => import('../features/access/setup-page.tsx'), 'SetupPage'),
});

const errorsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/errors',
  validateSearch: lenient(failureSearch),
  component: lazyRouteComponent(() => import('../features/errors/list-page.tsx'), 'ErrorsPage'),
});

/** In no menu: a workshop for whoever works on the pages. */
const galleryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/gallery',
  validateSearch: lenient({ page: textUpTo(64), state: textUpTo(16) }),
  component: lazyRouteComponent(() => import('../features/gallery/gallery-page.tsx'), 'GalleryPage'),
});

const pages = [
  galleryRoute,
  errorsRoute,
  ...publishingPages,
  overviewRoute,
  workloadsRoute,
  workloadRoute,
  queuesRoute,
  workersRoute,
  workerRoute,
  monitorsRoute,
  monitorRoute,
  runRoute,
  incidentsRoute,
  incidentRoute,
  statusRoute,
  activityRoute,
  operationRoute,
  signInRoute,
  setupRoute,
  ...settingsRoutes,
] as const;

export const router = createRouter({
  routeTree: rootRoute.addChildren(pages),
  basepath: basePath === '' ? '/' : basePath,
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
