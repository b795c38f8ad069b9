import { createMaintenance, deleteMaintenance, listMaintenance } from '@tidemark/core/maintenance';
import {
  CreateMaintenanceInput,
  ListMaintenanceInput,
  ListMaintenanceOutput,
  Maintenance,
  MaintenanceInput,
} from '@tidemark/core/maintenance/contract';
import { Deleted } from '@tidemark/core/monitors/contract';
import { operator, router, shape, viewer } from '../trpc.ts';

export const maintenanceRouter = router({
  create: operator({
    method: 'POST',
    path: '/v1/maintenance',
    status: 201,
    summary: 'Plan maintenance, once or recurring',
    description:
      'Its monitors are not run on schedule, and the time does not count. Recurring windows keep their wall-clock time across changes of summer time.',
    examples: {
      input: {
        name: 'Weekly restart',
        tags: ['shop'],
        starts_at: '2026-03-01T00:00:00Z',
        cron: '0 3 * * 0',
        timezone: 'Europe/Berlin',
        duration_minutes: 30,
      },
    },
  })
    .input(CreateMaintenanceInput)
    .output(shape(Maintenance))
    .mutation(({ ctx, input }) => createMaintenance(ctx.core, input)),

  list: viewer({ method: 'GET', path: '/v1/maintenance', summary: 'List planned maintenance' })
    .input(ListMaintenanceInput)
    .output(shape(ListMaintenanceOutput))
    .query(({ ctx, input }) => listMaintenance(ctx.core, input)),

  remove: operator({ method: 'DELETE', path: '/v1/maintenance/{id}', summary: 'Take planned maintenance away' })
    .input(MaintenanceInput)
    .output(shape(Deleted))
    .mutation(({ ctx, input }) => deleteMaintenance(ctx.core, input)),
});
