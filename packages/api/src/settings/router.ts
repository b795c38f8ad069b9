import { egressPolicy, getEgress, setEgress } from '@tidemark/core/egress';
import { EgressAnswer, EgressPolicyAnswer, EgressSettings, GetEgressInput } from '@tidemark/core/egress/contract';
import { AppError } from '@tidemark/core/errors';
import { readNetwork, setNetwork } from '@tidemark/core/network';
import { GetNetworkInput, NetworkAnswer, NetworkSettings } from '@tidemark/core/network/contract';
import { admin, router, shape, viewer, worker } from '../trpc.ts';
import type { ApiContext } from '../trpc.ts';

function networkAnswer({ network }: ApiContext, settings: NetworkSettings): NetworkAnswer {
  return { ...settings, allow_at_start: [...network.allow_at_start], cors_origins_at_start: [...network.cors_origins_at_start] };
}

function requireOwnWayIn({ network, client }: ApiContext, allow: readonly string[]): void {
  const address = client.address ?? 'unknown';
  if (network.wouldAllow(address, allow)) return;
  const message = `would shut out ${address}, from which you are calling; list it, or an own network around it`;
  throw new AppError('VALIDATION', `allow: ${message}`, { issues: [{ path: 'allow', message }] });
}

export const settingsRouter = router({
  getEgress: viewer({ method: 'GET', path: '/v1/settings/egress', summary: 'Where monitors and notices may go besides public addresses' })
    .input(GetEgressInput)
    .output(shape(EgressAnswer))
    .query(({ ctx }) => getEgress(ctx.core)),

  forWorkers: worker({
    method: 'GET',
    path: '/v1/settings/egress/workers',
    summary: 'Where jobs may go now',
    description: 'Asked by workers before a job of kind `ingest` opens a URL.',
  })
    .input(GetEgressInput)
    .output(shape(EgressPolicyAnswer))
    .query(({ ctx }) => egressPolicy(ctx.core)),

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

  getNetwork: admin({ method: 'GET', path: '/v1/settings/network', summary: 'Who may reach this server' })
    .input(GetNetworkInput)
    .output(shape(NetworkAnswer))
    .query(async ({ ctx }) => networkAnswer(ctx, await readNetwork(ctx.core))),

  setNetwork: admin({
    method: 'PUT',
    path: '/v1/settings/network',
    summary: 'Allow addresses to call, and pages of other origins to read',
    description:
      'Replaces both lists; this server follows at once, every other one within two seconds. A list that would shut out its sender is refused.',
    examples: { input: { allow: ['10.0.0.0/8', '127.0.0.1'], cors_origins: ['https://console.example.com'] } },
  })
    .input(NetworkSettings)
    .output(shape(NetworkAnswer))
    .mutation(async ({ ctx, input }) => {
      requireOwnWayIn(ctx, input.allow);
      const settings = await setNetwork(ctx.core, input);
      await ctx.network.changed();
      return networkAnswer(ctx, settings);
    }),
});
