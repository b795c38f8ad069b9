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
import { router, shape, viewer, worker } from '../trpc.ts';

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
});
