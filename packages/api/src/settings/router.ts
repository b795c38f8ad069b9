import { getEgress, setEgress } from '@tidemark/core/egress';
import { EgressAnswer, EgressSettings, GetEgressInput } from '@tidemark/core/egress/contract';
import { admin, router, shape, viewer } from '../trpc.ts';

export const settingsRouter = router({
  getEgress: viewer({ method: 'GET', path: '/v1/settings/egress', summary: 'Where monitors and notices may go besides public addresses' })
    .input(GetEgressInput)
    .output(shape(EgressAnswer))
    .query(({ ctx }) => getEgress(ctx.core)),

  setEgress: admin({
    method: 'PUT',
    path: '/v1/settings/egress',
    summary: 'Allow monitors and notices to reach private targets',
    description: 'Replaces the list. It holds from the next run or notice on.',
    examples: { input: { allow: ['10.0.0.0/8', 'intranet.example'] } },
  })
    .input(EgressSettings)
    .output(shape(EgressAnswer))
    .mutation(({ ctx, input }) => setEgress(ctx.core, input)),
});
