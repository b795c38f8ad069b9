import { pingMonitor } from '@tidemark/core/monitors';
import { PingAnswer, PingInput } from '@tidemark/core/monitors/contract';
import { getBadge, getPublicStatus } from '@tidemark/core/status';
import { BadgeInput, PublicStatus, PublicStatusInput } from '@tidemark/core/status/contract';
import { publicRoute, router, shape } from '../trpc.ts';

const BADGE_SECONDS = 60;
const STATUS_SECONDS = 15;

/** The pings of heartbeat monitors: whoever knows the key of one may ping it. */
export const heartbeatsRouter = router({
  ping: publicRoute({
    audit: 'refusals',
    method: 'POST',
    path: '/api/heartbeats/{ping_key}',
    summary: 'Ping a heartbeat monitor',
    description: 'A run that passed, or with `status` `fail` one that failed. No ping within the interval and its grace is a failed run.',
  })
    .input(PingInput)
    .output(shape(PingAnswer))
    .mutation(({ ctx, input }) => pingMonitor(ctx.core, input)),

  pingByGet: publicRoute({
    method: 'GET',
    path: '/api/heartbeats/{ping_key}',
    summary: 'Ping a heartbeat monitor with nothing but an address',
  })
    .input(PingInput)
    .output(shape(PingAnswer))
    .query(({ ctx, input }) => pingMonitor(ctx.core, input)),
});

/** What monitors marked public show to everybody. */
export const statusRouter = router({
  get: publicRoute({
    method: 'GET',
    path: '/api/status',
    cache_seconds: STATUS_SECONDS,
    summary: 'The data of a public status page',
    description: 'Monitors marked public, worst first. Days begin at midnight UTC.',
  })
    .input(PublicStatusInput)
    .output(shape(PublicStatus))
    .query(({ ctx, input }) => getPublicStatus(ctx.core, input)),

  badge: publicRoute({
    method: 'GET',
    path: '/api/tests/{test_id}/badge/{metric}',
    content_type: 'image/svg+xml; charset=utf-8',
    cache_seconds: BADGE_SECONDS,
    summary: 'A badge of a public monitor as SVG: status, uptime or latency',
  })
    .input(BadgeInput)
    .subscription(async function* ({ ctx, input }) {
      yield await getBadge(ctx.core, input);
    }),
});
