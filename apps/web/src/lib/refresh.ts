import type { QueryKey } from '@tanstack/react-query';
import { live } from './live/hub.ts';
import { queryClient } from './trpc.ts';

/**
 * Reads again what the page shows under these keys, unless it is held. What is on its way is let in first: to break it off
 * would show nothing at all where news comes faster than answers.
 */
export async function readAgain(...keys: readonly QueryKey[]): Promise<void> {
  if (live.isHeld()) return;
  await Promise.all(
    keys.map(async (queryKey) => {
      const underWay = queryClient.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching' });
      await Promise.allSettled(underWay.map((query) => Promise.resolve(query.promise)));
      if (!live.isHeld()) await queryClient.invalidateQueries({ queryKey }, { cancelRefetch: false });
    }),
  );
}
