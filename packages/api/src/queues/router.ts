import { getQueue, listQueues, pauseQueue, resumeQueue, setQueue } from '@tidemark/core/queues';
import { ListQueuesInput, ListQueuesOutput, Queue, QueueInput, SetQueueInput } from '@tidemark/core/queues/contract';
import { operator, router, shape, viewer } from '../trpc.ts';

export const queuesRouter = router({
  list: viewer({ method: 'GET', path: '/v1/queues', summary: 'List queues with their limits and what they hold' })
    .input(ListQueuesInput)
    .output(shape(ListQueuesOutput))
    .query(({ ctx, input }) => listQueues(ctx.core, input)),

  get: viewer({
    method: 'GET',
    path: '/v1/queues/{name}',
    summary: 'Get a queue',
    description: 'A name that was never used is an empty queue without limits.',
  })
    .input(QueueInput)
    .output(shape(Queue))
    .query(({ ctx, input }) => getQueue(ctx.core, input)),

  update: operator({
    method: 'PATCH',
    path: '/v1/queues/{name}',
    summary: 'Set the limits of a queue',
    description: 'Fields left out stay as they are; null takes a limit away. Running work is never stopped by a lower limit.',
    examples: { input: { concurrency: 10, rate_per_minute: 600 } },
  })
    .input(SetQueueInput)
    .output(shape(Queue))
    .mutation(({ ctx, input }) => setQueue(ctx.core, input)),

  pause: operator({ method: 'POST', path: '/v1/queues/{name}/pause', summary: 'Start nothing more of a queue' })
    .input(QueueInput)
    .output(shape(Queue))
    .mutation(({ ctx, input }) => pauseQueue(ctx.core, input)),

  resume: operator({ method: 'POST', path: '/v1/queues/{name}/resume', summary: 'Start work of a queue again' })
    .input(QueueInput)
    .output(shape(Queue))
    .mutation(({ ctx, input }) => resumeQueue(ctx.core, input)),
});
