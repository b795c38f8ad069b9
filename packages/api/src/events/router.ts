import { beginMany, getHead, listEvents, watchMany, watchStream } from '@tidemark/core/events';
import { ListEventsInput, ListEventsOutput, WatchEventsInput, WatchManyInput } from '@tidemark/core/events/contract';
import type { ManyEvent, StreamEvent } from '@tidemark/core/events/contract';
import type { Actor } from '../actor.ts';
import { shownEvent, shownEvents } from '../shown.ts';
import { callSignal, router, shape, trackedEvents, viewer } from '../trpc.ts';

async function* ofKind(events: AsyncIterable<StreamEvent>, kind: string): AsyncIterable<StreamEvent> {
  for await (const event of events) if (event.type === 'gap' || event.data['kind'] === kind) yield event;
}

async function* shownMany(actor: Actor, entries: AsyncIterable<ManyEvent>): AsyncIterable<ManyEvent> {
  for await (const { id, event } of entries) yield { id, event: event === null ? null : shownEvent(actor, event) };
}

export const eventsRouter = router({
  list: viewer({
    method: 'GET',
    path: '/v1/events',
    summary: 'Read the event log of a stream',
    description: 'Oldest first, or newest first with `order=desc`. `next_cursor` is the `after` of the next page, or the `before` of it.',
  })
    .input(ListEventsInput)
    .output(shape(ListEventsOutput))
    .query(async ({ ctx, input }) => {
      const page = await listEvents(ctx.core, input);
      return { ...page, items: page.items.map((event) => shownEvent(ctx.actor, event)) };
    }),

  watch: viewer({
    method: 'GET',
    path: '/v1/events/live',
    summary: 'Follow the changes of all workloads, workers, monitors or publications',
    description: 'Without an event id it starts now. Resumes after `Last-Event-ID`; a `gap` event says that events were trimmed away.',
  })
    .input(WatchEventsInput)
    .subscription(async ({ ctx, input, signal }) => {
      // Fixed before the answer begins: what happens once the client knows that it is connected cannot be missed.
      const after = input.lastEventId ?? (await getHead(ctx.core, { stream: input.stream }));
      const events = shownEvents(ctx.actor, watchStream(ctx.core, { stream: input.stream, after }, callSignal(ctx, signal)));
      return trackedEvents(ctx, input.kind === undefined ? events : ofKind(events, input.kind));
    }),

  watchMany: viewer({
    method: 'GET',
    path: '/v1/events/live/many',
    summary: 'Follow several streams over one connection',
    description:
      'For pages: a browser allows six connections to a site. Shared streams start now, those of single workloads at their start; unknown workloads are left out. One `Last-Event-ID` resumes all.',
  })
    .input(WatchManyInput)
    .subscription(async ({ ctx, input, signal }) => {
      const followed = await beginMany(ctx.core, input.streams.split(','), input.lastEventId ?? null);
      return trackedEvents(ctx, shownMany(ctx.actor, watchMany(ctx.core, followed, callSignal(ctx, signal))));
    }),
});
