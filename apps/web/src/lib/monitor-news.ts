import { useLiveEvents } from './live/use-live.ts';
import { readAgain } from './refresh.ts';
import { useThrottle } from './throttle.ts';
import { trpc } from './trpc.ts';

/** Reads what pages show of monitors and outages again after events: of one monitor only, when one is named. */
export function useMonitorNews(testId?: string): void {
  const refresh = useThrottle(
    () => void readAgain(...[trpc.monitors, trpc.dashboard, trpc.outages, trpc.deliveries].map((part) => part.pathKey())),
    1000,
  );
  useLiveEvents('monitors', (events, isResync) => {
    const isMine = events.some((event) => testId === undefined || event.type === 'gap' || event.data['test_id'] === testId);
    if (isMine || isResync) refresh();
  });
}
