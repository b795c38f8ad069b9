import {
  createChannel,
  deleteChannel,
  getChannel,
  listChannels,
  listDeliveries,
  retryDelivery,
  testChannel,
  updateChannel,
} from '@tidemark/core/alerts';
import {
  Channel,
  ChannelInput,
  CreateChannelInput,
  Delivery,
  DeliveryInput,
  ListChannelsInput,
  ListChannelsOutput,
  ListDeliveriesInput,
  ListDeliveriesOutput,
  UpdateChannelInput,
} from '@tidemark/core/alerts/contract';
import { Deleted } from '@tidemark/core/monitors/contract';
import { operator, router, shape, viewer } from '../trpc.ts';

export const channelsRouter = router({
  create: operator({
    method: 'POST',
    path: '/v1/channels',
    status: 201,
    summary: 'Create a channel that notices go to',
    description: 'Webhooks are signed as the Standard Webhooks say when a secret is given. Secrets are stored and never shown.',
    examples: {
      input: {
        name: 'On call',
        type: 'webhook',
        config: { url: 'https://example.com/hooks/tidemark', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      },
    },
  })
    .input(CreateChannelInput)
    .output(shape(Channel))
    .mutation(({ ctx, input }) => createChannel(ctx.core, input)),

  list: viewer({ method: 'GET', path: '/v1/channels', summary: 'List channels, newest first' })
    .input(ListChannelsInput)
    .output(shape(ListChannelsOutput))
    .query(({ ctx, input }) => listChannels(ctx.core, input)),

  get: viewer({ method: 'GET', path: '/v1/channels/{id}', summary: 'Get a channel' })
    .input(ChannelInput)
    .output(shape(Channel))
    .query(({ ctx, input }) => getChannel(ctx.core, input)),

  update: operator({
    method: 'PATCH',
    path: '/v1/channels/{id}',
    summary: 'Change a channel',
    description: 'A new `config` replaces the old one; secrets left out of it stay as they are.',
  })
    .input(UpdateChannelInput)
    .output(shape(Channel))
    .mutation(({ ctx, input }) => updateChannel(ctx.core, input)),

  remove: operator({ method: 'DELETE', path: '/v1/channels/{id}', summary: 'Delete a channel and its deliveries' })
    .input(ChannelInput)
    .output(shape(Deleted))
    .mutation(({ ctx, input }) => deleteChannel(ctx.core, input)),

  test: operator({
    method: 'POST',
    path: '/v1/channels/{id}/test',
    status: 202,
    summary: 'Send a test notice to a channel',
    description: 'Answers with the delivery; the ledger shows what became of it.',
  })
    .input(ChannelInput)
    .output(shape(Delivery))
    .mutation(({ ctx, input }) => testChannel(ctx.core, input)),
});

export const deliveriesRouter = router({
  list: viewer({ method: 'GET', path: '/v1/deliveries', summary: 'List notices and what became of them, newest first' })
    .input(ListDeliveriesInput)
    .output(shape(ListDeliveriesOutput))
    .query(({ ctx, input }) => listDeliveries(ctx.core, input)),

  retry: operator({ method: 'POST', path: '/v1/deliveries/{id}/retry', summary: 'Try a notice again, at once' })
    .input(DeliveryInput)
    .output(shape(Delivery))
    .mutation(({ ctx, input }) => retryDelivery(ctx.core, input)),
});
