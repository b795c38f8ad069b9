import { Deleted } from '@tidemark/core/monitors/contract';
import { createThreshold, deleteThreshold, getThreshold, listAlerts, listThresholds, updateThreshold } from '@tidemark/core/thresholds';
import {
  CreateThresholdInput,
  ListAlertsInput,
  ListAlertsOutput,
  ListThresholdsInput,
  ListThresholdsOutput,
  Threshold,
  ThresholdInput,
  UpdateThresholdInput,
} from '@tidemark/core/thresholds/contract';
import { operator, router, shape, viewer } from '../trpc.ts';

export const thresholdsRouter = router({
  create: operator({
    method: 'POST',
    path: '/v1/publishing/thresholds',
    status: 201,
    summary: 'Set a limit on a publishing metric',
    description: 'Channels are told once when it was beyond a limit for `for_seconds`, when it gets critical, and when it is over.',
    examples: { input: { name: 'Queue is stuck', metric: 'queue.oldest_pending_age_seconds', warn: 300, crit: 900, for_seconds: 60 } },
  })
    .input(CreateThresholdInput)
    .output(shape(Threshold))
    .mutation(({ ctx, input }) => createThreshold(ctx.core, input)),
  list: viewer({ method: 'GET', path: '/v1/publishing/thresholds', summary: 'List thresholds and where they stand, newest first' })
    .input(ListThresholdsInput)
    .output(shape(ListThresholdsOutput))
    .query(({ ctx, input }) => listThresholds(ctx.core, input)),
  get: viewer({ method: 'GET', path: '/v1/publishing/thresholds/{id}', summary: 'Get a threshold' })
    .input(ThresholdInput)
    .output(shape(Threshold))
    .query(({ ctx, input }) => getThreshold(ctx.core, input)),
  update: operator({ method: 'PATCH', path: '/v1/publishing/thresholds/{id}', summary: 'Change a threshold' })
    .input(UpdateThresholdInput)
    .output(shape(Threshold))
    .mutation(({ ctx, input }) => updateThreshold(ctx.core, input)),
  remove: operator({ method: 'DELETE', path: '/v1/publishing/thresholds/{id}', summary: 'Delete a threshold and its alerts' })
    .input(ThresholdInput)
    .output(shape(Deleted))
    .mutation(({ ctx, input }) => deleteThreshold(ctx.core, input)),
  alerts: viewer({ method: 'GET', path: '/v1/publishing/alerts', summary: 'List what was beyond a threshold and when, newest first' })
    .input(ListAlertsInput)
    .output(shape(ListAlertsOutput))
    .query(({ ctx, input }) => listAlerts(ctx.core, input)),
});
