import { CloudOff } from 'lucide-react';
import { live } from '../lib/live/hub.ts';
import { useLiveStatus } from '../lib/live/use-live.ts';
import { Button } from '../ui/button.tsx';
import { Moment } from '../ui/time.tsx';

/** Says how old the page is once the server has been out of reach for a while. */
export function ConnectionBanner() {
  const { mode, staleSince } = useLiveStatus();
  if (mode !== 'offline' || staleSince === null) return null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-red/50 bg-surface px-4 py-2 text-sm sm:px-6">
      <CloudOff aria-hidden className="size-4 text-red" />
      <span>
        <strong className="font-semibold">The server cannot be reached.</strong> This page shows what was known{' '}
        <Moment at={new Date(staleSince).toISOString()} />. It goes on by itself.
      </span>
      <Button size="small" onClick={live.retryNow}>
        Retry now
      </Button>
    </div>
  );
}
