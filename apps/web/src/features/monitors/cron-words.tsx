import { Cron } from 'croner';
import { toString as wordsOf } from 'cronstrue';
import { CRON_MODE } from '@tidemark/core/schedules/contract';
import { serverNow } from '../../lib/clock.ts';
import { formatDateTime } from '../../lib/format.ts';
import { useZone } from '../../ui/time.tsx';

const SHOWN = 3;

interface Reading {
  words: string;
  next: Date[];
}

/** Null while the expression is none, or its zone is unknown: the server says why once it is sent. */
function read(cron: string, timezone: string): Reading | null {
  try {
    const next = new Cron(cron, { timezone, mode: CRON_MODE, paused: true }).nextRuns(SHOWN, new Date(serverNow()));
    return { words: wordsOf(cron, { use24HourTimeFormat: true }), next };
  } catch {
    return null;
  }
}

/** What a cron expression says in words, and when it is due next, in the reader's zone. */
export function CronWords({ cron, timezone }: { cron: string; timezone: string }) {
  const zone = useZone();
  const reading = read(cron, timezone);
  if (reading === null) return null;
  return (
    <div className="text-sm text-ink-mute" aria-live="polite">
      <p>
        {reading.words}, {timezone}.
      </p>
      <p>
        {reading.next.length === 0
          ? 'It is never due.'
          : `Next: ${reading.next.map((at) => formatDateTime(at.toISOString(), zone)).join(', ')} ${zone}.`}
      </p>
    </div>
  );
}
