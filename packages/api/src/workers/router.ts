import { exportHistory, getThroughput, listHistory } from '@tidemark/core/history';
import {
  ExportHistoryInput,
  ListHistoryInput,
  ListHistoryOutput,
  ListWorkerHistoryInput,
  ThroughputInput,
  ThroughputOutput,
} from '@tidemark/core/history/contract';
import { getWorker, heartbeat, listWorkers, registerWorker } from '@tidemark/core/workers';
import {
  GetWorkerInput,
  HeartbeatInput,
  HeartbeatOutput,
  ListWorkersInput,
  ListWorkersOutput,
  RegisterWorkerInput,
  RegisterWorkerOutput,
  Worker,
} from '@tidemark/core/workers/contract';
import { callSignal, router, shape, viewer, worker } from '../trpc.ts';

export const workersRouter = router({
  register: worker({
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
    .mutation(({ ctx, input }) => registerWorker(ctx.core, input)),

  heartbeat: worker({
    method: 'POST',
    path: '/v1/workers/{id}/heartbeat',
    params: { id: 'worker_id' },
    summary: 'Renew the leases a worker holds and hear what to stop',
    description: 'Leases that are not listed are not renewed.',
  })
    .input(HeartbeatInput)
    .output(shape(HeartbeatOutput))
    .mutation(({ ctx, input }) => heartbeat(ctx.core, input)),

  list: viewer({ method: 'GET', path: '/v1/workers', summary: 'List workers' })
    .input(ListWorkersInput)
    .output(shape(ListWorkersOutput))
    .query(({ ctx, input }) => listWorkers(ctx.core, input)),

  get: viewer({ method: 'GET', path: '/v1/workers/{id}', summary: 'Get a worker' })
    .input(GetWorkerInput)
    .output(shape(Worker))
    .query(({ ctx, input }) => getWorker(ctx.core, input)),

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
    .query(({ ctx, input }) => listHistory(ctx.core, input)),

  exportHistory: viewer({
    method: 'GET',
    path: '/v1/workers/history/export',
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
