import { Gauge, Hourglass, OctagonAlert } from 'lucide-react';
import type { Worker } from '@tidemark/core/workers/contract';
import { Status } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';

type Flagged = Pick<Worker, 'is_slow' | 'stuck_jobs' | 'quarantined'>;

const SLOW: Look = { icon: Gauge, word: 'Slow', tone: 'amber' };
const STUCK: Look = { icon: Hourglass, word: 'Stuck', tone: 'amber' };
const QUARANTINED: Look = { icon: OctagonAlert, word: 'Quarantined', tone: 'red' };

/** What is wrong with a worker besides its state. */
export function Flags({ worker }: { worker: Flagged }) {
  const flags = [
    { isOn: worker.quarantined, look: QUARANTINED, title: 'It gets no jobs until the quarantine is ended.' },
    { isOn: worker.is_slow, look: SLOW, title: 'Under half of the median keys per second of its type, over the last five minutes.' },
    { isOn: worker.stuck_jobs.length > 0, look: STUCK, title: 'A job it holds has made no progress for 12 heartbeats.' },
  ];
  return flags.map(({ isOn, look, title }) =>
    isOn ? (
      <span key={look.word} title={title} className="text-sm">
        <Status look={look} />
      </span>
    ) : null,
  );
}
