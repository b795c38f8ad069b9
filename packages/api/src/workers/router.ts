import { exportHistory, getThroughput, listHistory, listWorkerHistory } from '@tidemark/core/history';
import {
  ExportHistoryInput,
  ListHistoryInput,
  ListHistoryOutput,
  ListWorkerHistoryInput,
  ThroughputInput,
  ThroughputOutput,
} from '@tidemark/core/history/contract';
import {
  drainWorker,
  forgetWorker,
  getWorker,
  heartbeat,
  listWorkers,
  listWorkerSessions,
  quarantineWorker,
  registerWorker,
  requireOwnWorker,
  resumeWorker,
  unquarantineWorker,
  watchWorker,
} from '@tidemark/core/workers';
import {
  ForgetWorkerOutput,
  GetWorkerInput,
  HeartbeatInput,
  HeartbeatOutput,
  ListWorkerSessionsInput,
  ListWorkerSessionsOutput,
  ListWorkersInput,
  ListWorkersOutput,
  RegisterWorkerInput,
  RegisterWorkerOutput,
  WatchWorkerInput,
  Worker,
  WorkerActionInput,
} from '@tidemark/core/workers/contract';
import { callSignal, operator, plainEvents, router, shape, viewer, worker } from '../trpc.ts';
import { workerKeyOf } from '../worker-key.ts';

export const workersRouter = router({
  register: worker({
    audit: 'each',
    keeps_limits: true,
    method: 'POST',
    path: '/v1/workers',
    status: 201,
    summary: 'Register a worker',
    examples: {
      input: {
        name: 'build-1',
        worker_type: 'node',
        version: '1.0.0',
        isolations: ['process'],
        kinds: ['command'],
        queues: ['default'],
        slots: 4,
      },
    },
  })
    .input(RegisterWorkerInput)
    .output(shape(RegisterWorkerOutput))
    .mutation(({ ctx, input }) => registerWorker(ctx.core, input, workerKeyOf(ctx))),

  heartbeat: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/workers/{id}/heartbeat',
    params: { id: 'worker_id' },
    summary: 'Renew the leases a worker holds and hear what to stop',
    description: 'Leases that are not listed are not renewed.',
  })
    .input(HeartbeatInput)
    .output(shape(HeartbeatOutput))
    .mutation(async ({ ctx, input }) => {
      await requireOwnWorker(ctx.core, input.worker_id, workerKeyOf(ctx));
      return heartbeat(ctx.core, input);
    }),

  list: viewer({ method: 'GET', path: '/v1/workers', summary: 'List workers' })
    .input(ListWorkersInput)
    .output(shape(ListWorkersOutput))
    .query(({ ctx, input }) => listWorkers(ctx.core, input)),

  get: viewer({ method: 'GET', path: '/v1/workers/{id}', summary: 'Get a worker' })
    .input(GetWorkerInput)
    .output(shape(Worker))
    .query(({ ctx, input }) => getWorker(ctx.core, input)),

  sessions: viewer({
    method: 'GET',
    path: '/v1/workers/{id}/sessions',
    summary: 'List the sessions of a worker, the latest first',
    description: 'One per registration, with why it ended and which jobs were lost under it. Also of a forgotten worker.',
  })
    .input(ListWorkerSessionsInput)
    .output(shape(ListWorkerSessionsOutput))
    .query(({ ctx, input }) => listWorkerSessions(ctx.core, input)),

  drain: operator({
    method: 'POST',
    path: '/v1/workers/{id}/drain',
    summary: 'Ask a worker to finish what it holds and take nothing new',
    description: 'Its next heartbeat answers with `drain: true`; claims come back empty at once. Asking again changes nothing.',
  })
    .input(WorkerActionInput)
    .output(shape(Worker))
    .mutation(({ ctx, input }) => drainWorker(ctx.core, input)),

  resume: operator({ method: 'POST', path: '/v1/workers/{id}/resume', summary: 'Let a draining worker take work again' })
    .input(WorkerActionInput)
    .output(shape(Worker))
    .mutation(({ ctx, input }) => resumeWorker(ctx.core, input)),

  quarantine: operator({
    method: 'POST',
    path: '/v1/workers/{id}/quarantine',
    summary: 'Give a worker no more jobs, whatever it does',
    description: 'Unlike a drain it outlasts a restart of the worker. Nothing is revoked: what it holds it may finish.',
  })
    .input(WorkerActionInput)
    .output(shape(Worker))
    .mutation(({ ctx, input }) => quarantineWorker(ctx.core, input)),

  unquarantine: operator({ method: 'POST', path: '/v1/workers/{id}/unquarantine', summary: 'End the quarantine of a worker' })
    .input(WorkerActionInput)
    .output(shape(Worker))
    .mutation(({ ctx, input }) => unquarantineWorker(ctx.core, input)),

  forget: operator({
    method: 'DELETE',
    path: '/v1/workers/{id}',
    summary: 'Remove a stopped or lost worker from the registry',
    description: 'Its sessions and history stay. A living worker is refused as CONFLICT; forgetting it again changes nothing.',
  })
    .input(WorkerActionInput)
    .output(shape(ForgetWorkerOutput))
    .mutation(({ ctx, input }) => forgetWorker(ctx.core, input)),

  live: worker({
    keeps_limits: true,
    method: 'GET',
    path: '/v1/workers/{id}/live',
    summary: 'Hear at once what a worker should do',
    description:
      'Pushes `worker.directives` (`drain`, and `cancel` with job ids): how it stands now, then again at every change. A hint to send the next heartbeat at once; what is missed here, the heartbeat carries.',
  })
    .input(WatchWorkerInput)
    .subscription(async ({ ctx, input, signal }) => {
      await getWorker(ctx.core, { id: input.id });
      await requireOwnWorker(ctx.core, input.id, workerKeyOf(ctx));
      return plainEvents(ctx, watchWorker(ctx.core, { id: input.id }, callSignal(ctx, signal)));
    }),

  history: viewer({ method: 'GET', path: '/v1/workers/history', summary: 'List accepted reports of all workers, newest first' })
    .input(ListHistoryInput)
    .output(shape(ListHistoryOutput))
    .query(({ ctx, input }) => listHistory(ctx.core, input)),

  historyOf: viewer({
    method: 'GET',
    path: '/v1/workers/{id}/history',
    params: { id: 'worker_id' },
    summary: 'List accepted reports of one worker, newest first',
  })
    .input(ListWorkerHistoryInput)
    .output(shape(ListHistoryOutput))
    .query(({ ctx, input }) => listWorkerHistory(ctx.core, input)),

  exportHistory: viewer({
    method: 'GET',
    path: '/v1/workers/history.csv',
    content_type: 'text/csv; charset=utf-8',
    summary: 'Download accepted reports as CSV, newest first',
  })
    .input(ExportHistoryInput)
    .subscription(({ ctx, input, signal }) => exportHistory(ctx.core, input, callSignal(ctx, signal))),

  throughput: viewer({
    method: 'GET',
    path: '/v1/workers/throughput',
    summary: 'Keys per second per bucket, of the fleet, a worker type, a worker or a job',
    description: 'With the recent rate of each worker, which of them are slow, and when a job that states its total will be done.',
  })
    .input(ThroughputInput)
    .output(shape(ThroughputOutput))
    .query(({ ctx, input }) => getThroughput(ctx.core, input)),
});
