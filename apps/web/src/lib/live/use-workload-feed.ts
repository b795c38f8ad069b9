import { useEffect, useEffectEvent, useState } from 'react';
import type { StreamEvent } from '@tidemark/core/events/contract';
import { Feed } from './feed.ts';
import { live } from './hub.ts';
import { openWorkload } from './subscribe.ts';

/** A feed of one workload that keeps what arrives while the page is paused. */
function pausableFeed(id: string) {
  let held: StreamEvent[] = [];
  let take: (events: StreamEvent[]) => void = () => undefined;
  const feed = new Feed({
    open: openWorkload(id),
    onEvents(events) {
      if (live.isPaused()) {
        held.push(...events);
        live.changed(events.length);
      } else take(events);
    },
    onOpen: () => undefined,
    onChange: () => live.changed(),
  });
  const release = (): void => {
    if (live.isPaused() || held.length === 0) return;
    const events = held;
    held = [];
    take(events);
  };
  return { feed, release, onTake: (handler: typeof take) => void (take = handler) };
}

/** Everything that happened to one workload, from its first event, and then as it happens. A paused page holds it back. */
export function useWorkloadFeed(id: string, isFinal: boolean, onEvents: (events: StreamEvent[]) => void): void {
  const [feed] = useState(() => pausableFeed(id));
  const take = useEffectEvent(onEvents);
  useEffect(() => {
    feed.onTake((events) => take(events));
    const detach = live.attach(feed.feed);
    const unlisten = live.onStatus(feed.release);
    feed.feed.start();
    return () => {
      feed.feed.stop();
      unlisten();
      detach();
    };
  }, [feed]);

  // A stream that ended with its workload goes on when the workload is retried.
  useEffect(() => {
    if (!isFinal && feed.feed.state === 'ended') feed.feed.start();
  }, [feed, isFinal]);
}
