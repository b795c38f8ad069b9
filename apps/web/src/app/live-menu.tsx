import { CircleDot, Clock, CloudOff, FastForward, LoaderCircle, Pause, Play, Square } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { formatClock } from '../lib/format.ts';
import { live } from '../lib/live/hub.ts';
import type { LiveMode, LiveStatus } from '../lib/live/hub.ts';
import { useLiveStatus } from '../lib/live/use-live.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { cn } from '../ui/class-names.ts';
import { TONE_TEXT } from '../ui/status.tsx';
import type { Tone } from '../ui/status.tsx';
import { useZone } from '../ui/time.tsx';

const LOOKS: Record<LiveMode, { icon: LucideIcon; word: string; tone: Tone; explanation: string }> = {
  live: { icon: CircleDot, word: 'Live', tone: 'green', explanation: 'Changes appear as they happen.' },
  connecting: {
    icon: LoaderCircle,
    word: 'Connecting',
    tone: 'amber',
    explanation: 'The live connection is being made; what is shown may be old.',
  },
  lagging: { icon: FastForward, word: 'Catching up', tone: 'amber', explanation: 'Events that happened earlier are being replayed.' },
  paused: { icon: Square, word: 'Paused', tone: 'amber', explanation: 'Nothing on this page changes until you resume.' },
  offline: { icon: CloudOff, word: 'Offline', tone: 'red', explanation: 'The server cannot be reached; what is shown is old.' },
  fixed: { icon: Clock, word: 'Fixed range', tone: 'violet', explanation: 'The chosen range has ended, so nothing in it moves.' },
};

function describe(status: LiveStatus, timeZone: string): string {
  const { word } = LOOKS[status.mode];
  if (status.mode === 'paused' && status.held > 0) return `${word} · ${status.held} new`;
  if (status.mode === 'connecting' && status.staleSince !== null) return `${word} · ${formatClock(status.staleSince, timeZone)}`;
  return word;
}

/** Tells the truth about the connection, and stops all movement on request. */
export function LiveMenu() {
  const status = useLiveStatus();
  const timeZone = useZone();
  const look = LOOKS[status.mode];
  const isPaused = live.isPaused();
  return (
    <div className="flex items-center">
      <span
        role="status"
        title={look.explanation}
        data-live={status.mode}
        className={cn('inline-flex items-center gap-1.5 px-1 text-sm font-medium whitespace-nowrap', TONE_TEXT[look.tone])}
      >
        <look.icon aria-hidden className={cn('size-4', status.mode === 'connecting' && 'spin-slow')} strokeWidth={2.25} />
        {/* Only the word is announced: counters that move would never be silent. */}
        <span className="sr-only">{look.word}</span>
        <span aria-hidden>{describe(status, timeZone)}</span>
      </span>
      {status.mode === 'offline' ? (
        <Button variant="quiet" onClick={live.retryNow}>
          Retry
        </Button>
      ) : (
        <IconButton
          label={isPaused ? 'Resume live updates' : 'Pause live updates'}
          aria-pressed={isPaused}
          onClick={() => live.setPaused(!isPaused)}
        >
          {isPaused ? <Play aria-hidden className="size-4" /> : <Pause aria-hidden className="size-4" />}
        </IconButton>
      )}
    </div>
  );
}
