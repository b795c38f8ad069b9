import { getFailure, listFailures, setFailure } from '@tidemark/core/failures';
import { FailureGroup, FailureInput, ListFailuresInput, ListFailuresOutput, SetFailureInput } from '@tidemark/core/failures/contract';
import { operator, router, shape, viewer } from '../trpc.ts';

export const failuresRouter = router({
  list: viewer({
    method: 'GET',
    path: '/v1/failures',
    summary: 'List groups of failures, the latest first',
    description: 'Failures of workloads, monitors and publications that say the same once numbers, ids, addresses and paths are left out.',
  })
    .input(ListFailuresInput)
    .output(shape(ListFailuresOutput))
    .query(({ ctx, input }) => listFailures(ctx.core, input)),
  get: viewer({ method: 'GET', path: '/v1/failures/{id}', summary: 'Get a group of failures' })
    .input(FailureInput)
    .output(shape(FailureGroup))
    .query(({ ctx, input }) => getFailure(ctx.core, input)),
  set: operator({
    method: 'PATCH',
    path: '/v1/failures/{id}',
    summary: 'Resolve a group of failures until it returns, ignore it, or open it again',
    examples: { input: { status: 'resolved' } },
  })
    .input(SetFailureInput)
    .output(shape(FailureGroup))
    .mutation(({ ctx, input }) => setFailure(ctx.core, input)),
});
