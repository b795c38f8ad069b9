import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { demoRouter } from './demo/router.ts';
import { auditRouter } from './audit/router.ts';
import { failuresRouter } from './failures/router.ts';
import { eventsRouter } from './events/router.ts';
import { jobsRouter } from './jobs/router.ts';
import { keysRouter } from './keys/router.ts';
import { operationsRouter } from './operations/router.ts';
import { queuesRouter } from './queues/router.ts';
import { retentionRouter } from './retention/router.ts';
import { channelsRouter, deliveriesRouter } from './channels/router.ts';
import { dashboardRouter } from './dashboard/router.ts';
import { maintenanceRouter } from './maintenance/router.ts';
import { monitorsRouter } from './monitors/router.ts';
import { outagesRouter } from './outages/router.ts';
import { publishingRouter } from './publishing/router.ts';
import { sessionRouter } from './session/router.ts';
import { secretsRouter } from './secrets/router.ts';
import { settingsRouter } from './settings/router.ts';
import { setupRouter } from './setup/router.ts';
import { heartbeatsRouter, statusRouter } from './status/router.ts';
import { systemRouter } from './system/router.ts';
import { transferRouter } from './transfer/router.ts';
import { router } from './trpc.ts';
import { usersRouter } from './users/router.ts';
import { workersRouter } from './workers/router.ts';
import { workloadsRouter } from './workloads/router.ts';

/** Every procedure of the system; the REST mirror and the OpenAPI document are derived from it. */
export const appRouter = router({
  workloads: workloadsRouter,
  monitors: monitorsRouter,
  dashboard: dashboardRouter,
  heartbeats: heartbeatsRouter,
  status: statusRouter,
  outages: outagesRouter,
  channels: channelsRouter,
  deliveries: deliveriesRouter,
  maintenance: maintenanceRouter,
  publishing: publishingRouter,
  workers: workersRouter,
  jobs: jobsRouter,
  queues: queuesRouter,
  operations: operationsRouter,
  retention: retentionRouter,
  events: eventsRouter,
  keys: keysRouter,
  users: usersRouter,
  audit: auditRouter,
  session: sessionRouter,
  setup: setupRouter,
  secrets: secretsRouter,
  settings: settingsRouter,
  system: systemRouter,
  transfer: transferRouter,
  demo: demoRouter,
  failures: failuresRouter,
});
export type AppRouter = typeof appRouter;
export type RouterInputs = inferRouterInputs<AppRouter>;
export type RouterOutputs = inferRouterOutputs<AppRouter>;
