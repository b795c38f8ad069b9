import { getOperation, listOperationItems, listOperations, previewBulk, startOperation, stopOperation } from '@tidemark/core/operations';
import {
  BulkInput,
  BulkPreview,
  ListOperationItemsInput,
  ListOperationItemsOutput,
  ListOperationsInput,
  ListOperationsOutput,
  Operation,
  OperationInput,
} from '@tidemark/core/operations/contract';
import { operator, router, shape, viewer } from '../trpc.ts';

export const operationsRouter = router({
  preview: viewer({
    method: 'POST',
    path: '/v1/operations/preview',
    summary: 'Count what a bulk action would be applied to',
    description: 'Changes nothing. The filter is that of the list of workloads.',
    examples: {
      input: { action: 'retry', filter: { status: 'failed', queue: 'default' } },
      output: { count: 12, by_status: { failed: 12 } },
    },
  })
    .input(BulkInput)
    .output(shape(BulkPreview))
    .mutation(({ ctx, input }) => previewBulk(ctx.core, input)),

  start: operator({
    method: 'POST',
    path: '/v1/operations',
    status: 201,
    summary: 'Cancel or retry everything that matches, in the background',
    description: 'Workloads created later are not part of it. It goes on after a restart; follow it by its id.',
    examples: { input: { action: 'retry', filter: { status: 'failed', queue: 'default' } } },
  })
    .input(BulkInput)
    .output(shape(Operation))
    .mutation(({ ctx, input }) => startOperation(ctx.core, input)),

  list: viewer({ method: 'GET', path: '/v1/operations', summary: 'List bulk actions, newest first' })
    .input(ListOperationsInput)
    .output(shape(ListOperationsOutput))
    .query(({ ctx, input }) => listOperations(ctx.core, input)),

  get: viewer({ method: 'GET', path: '/v1/operations/{id}', summary: 'Get a bulk action with its progress' })
    .input(OperationInput)
    .output(shape(Operation))
    .query(({ ctx, input }) => getOperation(ctx.core, input)),

  items: viewer({ method: 'GET', path: '/v1/operations/{id}/items', summary: 'List the result of each item of a bulk action' })
    .input(ListOperationItemsInput)
    .output(shape(ListOperationItemsOutput))
    .query(({ ctx, input }) => listOperationItems(ctx.core, input)),

  stop: operator({
    method: 'POST',
    path: '/v1/operations/{id}/stop',
    summary: 'Stop a bulk action',
    description: 'What is done stays done. Idempotent.',
  })
    .input(OperationInput)
    .output(shape(Operation))
    .mutation(({ ctx, input }) => stopOperation(ctx.core, input)),
});
