import { getFailure, listFailures, setFailure } from '@tidemark/core/failures';
import { FailureGroup, FailureInput, ListFailuresInput, ListFailuresOutput, SetFailureInput } from '@tidemark/core/failures/contract';
import { shownFailure } from '../shown-runs.ts';
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
    .query(async ({ ctx, input }) => {
      const page = await listFailures(ctx.core, { ...input, unsearched: ctx.actor.sees_payloads ? undefined : 'monitor' });
      return { ...page, items: page.items.map((group) => shownFailure(ctx.actor, group)) };
    }),
  get: viewer({ method: 'GET', path: '/v1/failures/{id}', summary: 'Get a group of failures' })
    .input(FailureInput)
    .output(shape(FailureGroup))
    .query(async ({ ctx, input }) => shownFailure(ctx.actor, await getFailure(ctx.core, input))),
  set: operator({
    method: 'PATCH',
    path: '/v1/failures/{id}',
    summary: 'Resolve a group of failures until it returns, ignore it, or open it again',
    examples: { input: { status: 'resolved' } },
  })
    .input(SetFailureInput)
    .output(shape(FailureGroup))
    .mutation(async ({ ctx, input }) => shownFailure(ctx.actor, await setFailure(ctx.core, input))),
});
