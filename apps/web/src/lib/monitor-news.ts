import { live } from './live/hub.ts';
import { useLiveEvents } from './live/use-live.ts';
import { useThrottle } from './throttle.ts';
import { queryClient, trpc } from './trpc.ts';

/** Reads what pages show of monitors and outages again after events: of one monitor only, when one is named. */
export function useMonitorNews(testId?: string): void {
  const refresh = useThrottle(() => {
    if (live.isHeld()) return;
    void queryClient.invalidateQueries({ queryKey: trpc.monitors.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.dashboard.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.outages.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.deliveries.pathKey() });
  }, 1000);
  useLiveEvents('monitors', (events, isResync) => {
    const isMine = events.some((event) => testId === undefined || event.type === 'gap' || event.data['test_id'] === testId);
    if (isMine || isResync) refresh();
  });
}
