import { Link } from '@tanstack/react-router';
import { Check, Circle } from 'lucide-react';
import { buttonClass } from '../../ui/button.tsx';
import { Command } from '../../ui/notice.tsx';

/** What a first visitor does next; takes the place of the attention list while nothing has ever run. */
export function FirstSteps({ hasWorker }: { hasWorker: boolean }) {
  return (
    <section aria-labelledby="first-steps" className="panel px-5 py-4">
      <h2 id="first-steps" className="text-base font-semibold">
        Run something
      </h2>
      <ol className="mt-3 flex flex-col gap-4">
        <li className="flex gap-3">
          {hasWorker ? (
            <Check aria-label="Done" className="mt-0.5 size-4 shrink-0 text-green" strokeWidth={2.5} />
          ) : (
            <Circle aria-label="To do" className="mt-0.5 size-4 shrink-0 text-ink-mute" />
          )}
          <div className="flex min-w-0 flex-col items-start gap-1.5">
            <span className="font-medium">{hasWorker ? 'A worker is registered' : 'Start a worker'}</span>
            {!hasWorker && <Command>{`tidemark worker --url ${window.location.origin}`}</Command>}
          </div>
        </li>
        <li className="flex gap-3">
          <Circle aria-label="To do" className="mt-0.5 size-4 shrink-0 text-ink-mute" />
          <div className="flex min-w-0 flex-col items-start gap-2">
            <span className="font-medium">Submit a first workload</span>
            <Link to="/workloads" search={{ panel: 'new' }} className={buttonClass('primary')}>
              Submit from here
            </Link>
            <Command>tidemark workload submit --wait -- echo hello</Command>
          </div>
        </li>
        <li className="flex gap-3">
          <Circle aria-label="To do" className="mt-0.5 size-4 shrink-0 text-ink-mute" />
          <div className="flex min-w-0 flex-col items-start gap-2">
            <span className="font-medium">Watch an address</span>
            <Link to="/monitors" search={{ panel: 'new' }} className={buttonClass()}>
              Create a monitor
            </Link>
          </div>
        </li>
      </ol>
    </section>
  );
}
