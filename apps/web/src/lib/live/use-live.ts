import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { live } from './hub.ts';
import type { LiveListener, LiveStatus, LiveStream } from './hub.ts';

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(live.onStatus, live.status);
}

/** Calls back with batches of events while the page is live, and with a resync whenever something may have been missed. */
export function useLiveEvents(stream: LiveStream, listener: LiveListener): void {
  const onBatch = useEffectEvent(listener);
  useEffect(() => live.listen(stream, (events, isResync) => onBatch(events, isResync)), [stream]);
}

/** Holds the page still while `isFixed`: its range has ended. */
export function useFixedRange(isFixed: boolean): void {
  useEffect(() => (isFixed ? live.holdFixed() : undefined), [isFixed]);
}
