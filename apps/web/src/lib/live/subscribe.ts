import { namesOf } from '../search-values.ts';
import { client } from '../trpc.ts';
import type { OpenStream } from './feed.ts';
import { live } from './hub.ts';
import type { LiveStream } from './hub.ts';
import { Mux } from './mux.ts';

const mux = new Mux((streams, lastEventId, handlers) =>
  client.events.watchMany.subscribe(
    { streams, lastEventId },
    {
      onData: (message: unknown) => handlers.onMessage(message),
      // It has no natural end: a server that closes it, say at shutdown, is asked again.
      onComplete: () => handlers.onError(new Error('closed')),
      onError: (cause: unknown) => handlers.onError(cause),
      onConnectionStateChange: (change) => {
        if (change.state === 'connecting' && change.error !== null) handlers.onLost();
      },
    },
  ),
);

/** The stream of one workload, from its first event. */
export function openWorkload(id: string): OpenStream {
  return mux.open(id);
}

/** Tells the hub where its shared streams come from. */
export function registerStreams(): void {
  for (const stream of namesOf<LiveStream>({ workloads: true, workers: true, monitors: true, publications: true }))
    live.register(stream, mux.open(stream));
  live.followVisibility();
}
