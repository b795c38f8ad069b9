import { Series, SeriesInput, Stats, StatsInput } from '@tidemark/core/stats/contract';
import { getSeries, getStats } from '@tidemark/core/stats';
import { watchWorkload } from '@tidemark/core/events';
import { checkPayloads } from '@tidemark/core/kinds';
import {
  cancelWorkload,
  createWorkload,
  createWorkloads,
  getWorkload,
  listCauses,
  listWorkloads,
  retryWorkload,
  updateWorkload,
} from '@tidemark/core/workloads';
import {
  CancelWorkloadInput,
  CreateManyWorkloadsInput,
  CreateManyWorkloadsOutput,
  CreateWorkloadInput,
  GetWorkloadInput,
  ListCausesInput,
  ListCausesOutput,
  ListWorkloadsInput,
  ListWorkloadsOutput,
  RetryWorkloadInput,
  UpdateWorkloadInput,
  WatchWorkloadInput,
  Workload,
  WorkloadWithAttempts,
} from '@tidemark/core/workloads/contract';
import { requireLane, requireOwnLane, shown, shownEvents } from '../shown.ts';
import { callSignal, operator, router, shape, trackedEvents, viewer } from '../trpc.ts';
import { STATS_EXAMPLE, WORKLOAD_EXAMPLE } from './examples.ts';

export const workloadsRouter = router({
  create: operator({
    audit: 'counted',
    keeps_limits: true,
    method: 'POST',
    path: '/v1/workloads',
    status: 201,
    has_idempotency_key: true,
    summary: 'Create a workload',
    description: 'The same idempotency key and body answers with the first workload; another body under the same key is a CONFLICT.',
    examples: {
      input: { kind: 'command', payload: { command: ['node', '-e', 'console.log(1)'] }, labels: { team: 'data' } },
      output: WORKLOAD_EXAMPLE,
    },
  })
    .input(CreateWorkloadInput)
    .output(shape(Workload))
    .mutation(async ({ ctx, input }) => {
      requireLane(ctx, input);
      await checkPayloads(ctx.core, [input]);
      return shown(ctx.actor, await createWorkload(ctx.core, input));
    }),

  createMany: operator({
    audit: 'counted',
    keeps_limits: true,
    method: 'POST',
    path: '/v1/workloads/batch',
    status: 201,
    summary: 'Create up to 1,000 workloads, all or nothing',
    examples: {
      input: {
        items: [
          { kind: 'command', payload: { command: 'echo one' } },
          { kind: 'command', payload: { command: 'echo two' } },
        ],
      },
    },
  })
    .input(CreateManyWorkloadsInput)
    .output(shape(CreateManyWorkloadsOutput))
    .mutation(async ({ ctx, input }) => {
      for (const item of input.items) requireLane(ctx, item);
      await checkPayloads(ctx.core, input.items, (index) => ['items', index]);
      const { items } = await createWorkloads(ctx.core, input);
      return { items: items.map((item) => shown(ctx.actor, item)) };
    }),

  causes: viewer({
    method: 'GET',
    path: '/v1/workloads/causes',
    summary: 'Count failed workloads by cause, the most frequent first',
    description:
      'Failures of one kind that say the same once numbers, ids, addresses and paths are left out. `GET /v1/workloads` with `kind`, `cause` and the same times lists those of one cause.',
  })
    .input(ListCausesInput)
    .output(shape(ListCausesOutput))
    .query(({ ctx, input }) => listCauses(ctx.core, input)),

  list: viewer({
    keeps_limits: true,
    method: 'GET',
    path: '/v1/workloads',
    summary: 'List workloads, newest first',
    description: 'Without payload, output and checkpoint. Give `next_cursor` back as `cursor` for the next page.',
  })
    .input(ListWorkloadsInput)
    .output(shape(ListWorkloadsOutput))
    .query(({ ctx, input }) => listWorkloads(ctx.core, input, ctx.actor)),

  get: viewer({
    keeps_limits: true,
    method: 'GET',
    path: '/v1/workloads/{id}',
    summary: 'Get a workload with its attempts',
    examples: { output: { ...WORKLOAD_EXAMPLE, attempts: [], eta_at: null } },
  })
    .input(GetWorkloadInput)
    .output(shape(WorkloadWithAttempts))
    .query(async ({ ctx, input }) => {
      await requireOwnLane(ctx, input);
      return shown(ctx.actor, await getWorkload(ctx.core, input));
    }),

  update: operator({
    audit: 'counted',
    keeps_limits: true,
    method: 'PATCH',
    path: '/v1/workloads/{id}',
    summary: 'Report a workload that runs outside a lease',
    description: 'For executors that do not lease. Obeys the transition table; a status change of a leased workload revokes the lease.',
    examples: { input: { status: 'completed', exit_code: 0, output: 'done\n', duration_ms: 1250 } },
  })
    .input(UpdateWorkloadInput)
    .output(shape(Workload))
    .mutation(async ({ ctx, input }) => {
      await requireOwnLane(ctx, input);
      return shown(ctx.actor, await updateWorkload(ctx.core, input));
    }),

  cancel: operator({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/workloads/{id}/cancel',
    summary: 'Cancel a workload',
    description: 'A pending one is cancelled at once; a running one when its agent confirms, or when the grace of 30 seconds is over.',
  })
    .input(CancelWorkloadInput)
    .output(shape(Workload))
    .mutation(async ({ ctx, input }) => {
      await requireOwnLane(ctx, input);
      return shown(ctx.actor, await cancelWorkload(ctx.core, input));
    }),

  retry: operator({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/workloads/{id}/retry',
    summary: 'Queue a failed or cancelled workload again',
  })
    .input(RetryWorkloadInput)
    .output(shape(Workload))
    .mutation(async ({ ctx, input }) => {
      await requireOwnLane(ctx, input);
      return shown(ctx.actor, await retryWorkload(ctx.core, input));
    }),

  live: viewer({
    keeps_limits: true,
    method: 'GET',
    path: '/v1/workloads/{id}/live',
    summary: 'Follow the events and the output of a workload',
    description:
      'Starts with the events so far, then tails. Resumes after `Last-Event-ID` without a gap or a duplicate; a `gap` event says that older events were trimmed away.',
  })
    .input(WatchWorkloadInput)
    .subscription(async ({ ctx, input, signal }) => {
      await getWorkload(ctx.core, { id: input.id });
      await requireOwnLane(ctx, input);
      const events = watchWorkload(ctx.core, { id: input.id, after: input.lastEventId ?? null }, callSignal(ctx, signal));
      return trackedEvents(ctx, ctx.actor.sees_payloads ? events : shownEvents(ctx.actor, events));
    }),

  stats: viewer({
    method: 'GET',
    path: '/v1/stats',
    summary: 'Count workloads by status and isolation',
    description: 'Every key is always present.',
    examples: { output: STATS_EXAMPLE },
  })
    .input(StatsInput)
    .output(shape(Stats))
    .query(({ ctx, input }) => getStats(ctx.core, input)),

  series: viewer({ method: 'GET', path: '/v1/stats/series', summary: 'Counts and durations (p50, p95, p99) per minute, hour or day' })
    .input(SeriesInput)
    .output(shape(Series))
    .query(({ ctx, input }) => getSeries(ctx.core, input)),
});
