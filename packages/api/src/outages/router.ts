import { acknowledgeOutage, getOutage, listOutages, muteOutage, resolveOutage } from '@tidemark/core/outages';
import { ListOutagesInput, ListOutagesOutput, MuteOutageInput, Outage, OutageInput } from '@tidemark/core/outages/contract';
import { shownOutage, shownOutages } from '../shown-runs.ts';
import { operator, router, shape, viewer } from '../trpc.ts';
import { notesRouter } from './notes-router.ts';

export const outagesRouter = router({
  list: viewer({ method: 'GET', path: '/v1/outages', summary: 'List the outages of all monitors, newest first' })
    .input(ListOutagesInput)
    .output(shape(ListOutagesOutput))
    .query(async ({ ctx, input }) => shownOutages(ctx.actor, await listOutages(ctx.core, input))),

  get: viewer({ method: 'GET', path: '/v1/outages/{id}', summary: 'Get an outage' })
    .input(OutageInput)
    .output(shape(Outage))
    .query(async ({ ctx, input }) => shownOutage(ctx.actor, await getOutage(ctx.core, input))),

  acknowledge: operator({
    method: 'POST',
    path: '/v1/outages/{id}/acknowledge',
    summary: 'Say that somebody takes care of an outage',
    description: 'Reminders stop; the recovery is still told. Idempotent while it is open.',
  })
    .input(OutageInput)
    .output(shape(Outage))
    .mutation(async ({ ctx, input }) => shownOutage(ctx.actor, await acknowledgeOutage(ctx.core, input, ctx.actor.id ?? 'anyone'))),

  resolve: operator({
    method: 'POST',
    path: '/v1/outages/{id}/resolve',
    summary: 'End an outage by hand',
    description: 'The state is unknown until the next run; further failures open it again or open another one. Idempotent.',
  })
    .input(OutageInput)
    .output(shape(Outage))
    .mutation(async ({ ctx, input }) => shownOutage(ctx.actor, await resolveOutage(ctx.core, input, ctx.actor.id ?? 'anyone'))),

  mute: operator({ method: 'POST', path: '/v1/outages/{id}/mute', summary: 'Hold back the reminders of an outage until a time' })
    .input(MuteOutageInput)
    .output(shape(Outage))
    .mutation(async ({ ctx, input }) => shownOutage(ctx.actor, await muteOutage(ctx.core, input))),

  notes: notesRouter,
});
