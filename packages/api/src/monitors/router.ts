import {
  cloneMonitor,
  createMonitor,
  deleteMonitor,
  getMonitor,
  listMonitors,
  listOpenRuns,
  pauseMonitor,
  resumeMonitor,
  runMonitor,
  tryMonitor,
  updateMonitor,
  waitForRun,
} from '@tidemark/core/monitors';
import {
  CloneMonitorInput,
  CreateMonitorInput,
  Deleted,
  ListMonitorsInput,
  ListMonitorsOutput,
  ListOpenRunsOutput,
  Monitor,
  MonitorInput,
  RunMonitorInput,
  RunStarted,
  TryMonitorInput,
  UpdateMonitorInput,
} from '@tidemark/core/monitors/contract';
import { Run } from '@tidemark/core/runs/contract';
import * as z from 'zod';
import type { ApiContext } from '../trpc.ts';
import { shownRun } from '../shown-runs.ts';
import { callSignal, mergeRouters, operator, router, shape, viewer } from '../trpc.ts';
import { MONITOR_INPUT_EXAMPLE } from './examples.ts';
import { historyRouter } from './history-router.ts';

const RunAnswer = z.union([Run, RunStarted]);

/** The key of a heartbeat opens its address: viewers do not see it. */
function shown(ctx: ApiContext, monitor: Monitor): Monitor {
  return ctx.actor.role === 'viewer' ? { ...monitor, ping_key: null } : monitor;
}

const definitionRouter = router({
  create: operator({
    method: 'POST',
    path: '/api/tests',
    status: 201,
    summary: 'Create a monitor',
    description: 'A name and an address are enough: one GET a minute that expects 2xx or 3xx. It runs at once.',
    examples: { input: MONITOR_INPUT_EXAMPLE },
  })
    .input(CreateMonitorInput)
    .output(shape(Monitor))
    .mutation(({ ctx, input }) => createMonitor(ctx.core, input)),

  list: viewer({ method: 'GET', path: '/api/tests', summary: 'List monitors, newest first or those that need attention first' })
    .input(ListMonitorsInput)
    .output(shape(ListMonitorsOutput))
    .query(async ({ ctx, input }) => {
      const page = await listMonitors(ctx.core, input);
      return { ...page, items: page.items.map((monitor) => shown(ctx, monitor)) };
    }),

  get: viewer({ method: 'GET', path: '/api/tests/{test_id}', summary: 'Get a monitor' })
    .input(MonitorInput)
    .output(shape(Monitor))
    .query(async ({ ctx, input }) => shown(ctx, await getMonitor(ctx.core, input))),

  update: operator({
    method: 'PATCH',
    path: '/api/tests/{test_id}',
    summary: 'Change a monitor',
    description: 'Fields left out stay as they are.',
    examples: { input: { interval_seconds: 30, tags: ['shop'] } },
  })
    .input(UpdateMonitorInput)
    .output(shape(Monitor))
    .mutation(({ ctx, input }) => updateMonitor(ctx.core, input)),

  remove: operator({ method: 'DELETE', path: '/api/tests/{test_id}', summary: 'Delete a monitor with all of its history' })
    .input(MonitorInput)
    .output(shape(Deleted))
    .mutation(({ ctx, input }) => deleteMonitor(ctx.core, input)),

  run: operator({
    method: 'POST',
    path: '/api/tests/{test_id}/run',
    summary: 'Run a monitor now',
    description: 'Answers at once with the ids, or with the finished run when `wait` is true.',
  })
    .input(RunMonitorInput)
    .output(shape(RunAnswer))
    .mutation(async ({ ctx, input, signal }): Promise<z.infer<typeof RunAnswer>> => {
      const started = await runMonitor(ctx.core, input);
      if (!input.wait) return started;
      return shownRun(ctx.actor, await waitForRun(ctx.core, { test_id: input.test_id, run_id: started.run_id }, callSignal(ctx, signal)));
    }),

  try: operator({
    method: 'POST',
    path: '/v1/monitors/try',
    summary: 'Run a monitor that is not saved',
    description: 'Answers with the finished run. Nothing is kept of it but its workload.',
    examples: { input: { url: 'https://example.com' } },
  })
    .input(TryMonitorInput)
    .output(shape(Run))
    .mutation(async ({ ctx, input, signal }) => shownRun(ctx.actor, await tryMonitor(ctx.core, input, callSignal(ctx, signal)))),

  openRuns: viewer({ method: 'GET', path: '/api/tests/{test_id}/runs/open', summary: 'List the runs of a monitor that have not ended' })
    .input(MonitorInput)
    .output(shape(ListOpenRunsOutput))
    .query(({ ctx, input }) => listOpenRuns(ctx.core, input)),

  pause: operator({
    method: 'POST',
    path: '/api/tests/{test_id}/pause',
    summary: 'Pause a monitor',
    description: 'The time until it is resumed does not count. Idempotent.',
  })
    .input(MonitorInput)
    .output(shape(Monitor))
    .mutation(({ ctx, input }) => pauseMonitor(ctx.core, input)),

  resume: operator({
    method: 'POST',
    path: '/api/tests/{test_id}/resume',
    summary: 'Resume a monitor',
    description: 'It runs at once. Idempotent.',
  })
    .input(MonitorInput)
    .output(shape(Monitor))
    .mutation(({ ctx, input }) => resumeMonitor(ctx.core, input)),

  clone: operator({
    method: 'POST',
    path: '/api/tests/{test_id}/clone',
    status: 201,
    summary: 'Copy a monitor, paused and without history',
  })
    .input(CloneMonitorInput)
    .output(shape(Monitor))
    .mutation(({ ctx, input }) => cloneMonitor(ctx.core, input)),
});

export const monitorsRouter = mergeRouters(definitionRouter, historyRouter);
