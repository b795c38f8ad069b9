import { useState, useSyncExternalStore } from 'react';
import { onSecond, serverNow } from './clock.ts';
import { live } from './live/hub.ts';
import { useFixedRange } from './live/use-live.ts';
import { hasEnded, MINUTE_MS, spanOf } from './ranges.ts';
import type { RangeSearch, Span } from './ranges.ts';

const minute = (): number => Math.floor(serverNow() / MINUTE_MS);

/** The stretch of time a page shows. A sliding one moves on once a minute, and stands still while the page is held. */
export function useSpan(search: RangeSearch, fallback: string): Span {
  const current = useSyncExternalStore(onSecond, minute);
  const [shown, setShown] = useState(current);
  if (shown !== current && !live.isHeld()) setShown(current);
  const now = (shown + 1) * MINUTE_MS;
  useFixedRange(hasEnded(search, now));
  return spanOf(search, fallback, now);
}
