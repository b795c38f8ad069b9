import { client } from '../trpc.ts';
import type { OpenStream, StreamHandlers } from './feed.ts';
import { live } from './hub.ts';

function callbacks(handlers: StreamHandlers) {
  return {
    onStarted: () => handlers.onOpen(),
    onData: (message: unknown) => handlers.onEvent(message),
    onComplete: () => handlers.onEnd(),
    onError: (cause: unknown) => handlers.onError(cause),
    onConnectionStateChange: (change: { state: string }) => {
      if (change.state === 'connecting') handlers.onConnecting();
    },
  };
}

/** The stream of one workload, from its first event. */
export function openWorkload(id: string): OpenStream {
  return (lastEventId, handlers) => client.workloads.live.subscribe({ id, lastEventId }, callbacks(handlers));
}

/** Tells the hub where its shared streams come from. */
export function registerStreams(): void {
  for (const stream of ['workloads', 'workers'] as const) {
    // These have no natural end: a server that closes one, say at shutdown, is asked again.
    live.register(stream, (lastEventId, handlers) =>
      client.events.watch.subscribe(
        { stream, lastEventId },
        { ...callbacks(handlers), onComplete: () => handlers.onError(new Error('closed')) },
      ),
    );
  }
  live.followVisibility();
}
