import { Link } from '@tanstack/react-router';
import type { LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Stats } from '@tidemark/core/stats/contract';
import type { Worker } from '@tidemark/core/workers/contract';
import { formatCount, formatDuration, UNKNOWN } from '../../lib/format.ts';
import { cn } from '../../ui/class-names.ts';
import { TideBar } from '../../ui/tide-bar.tsx';

interface FiguresProps {
  all: Stats | undefined;
  day: Stats | undefined;
  workers: Worker[] | undefined;
}

interface FigureProps extends Pick<LinkProps, 'to' | 'search'> {
  name: string;
  value: string;
  window: string;
  isBad?: boolean;
}

/** A number with its unit and window, and a link to the list that it counts. */
function Figure({ name, value, window, isBad = false, ...link }: FigureProps) {
  return (
    <Link {...link} className="flex min-w-28 flex-1 flex-col px-4 py-2.5 hover:bg-sunken -outline-offset-2">
      <span className="text-xs text-ink-soft">{name}</span>
      <span
        className={cn(
          'text-xl/7 font-semibold tracking-[-0.01em]',
          isBad && 'text-red',
          (value === '0' || value === UNKNOWN) && 'font-normal text-ink-mute',
        )}
      >
        {value}
      </span>
      <span className="text-xs text-ink-mute">{window}</span>
    </Link>
  );
}

function Group({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section aria-label={name} className="panel min-w-0 overflow-hidden">
      {children}
    </section>
  );
}

export function Figures({ all, day, workers }: FiguresProps) {
  const count = (liveness: string): number | undefined => workers?.filter((worker) => worker.liveness === liveness).length;
  const failed = day?.by_status.failed;
  const lost = count('lost');
  return (
    <div className="grid min-w-0 gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Group name="Workloads">
        <div className="flex flex-wrap divide-line sm:divide-x">
          <Figure name="Running" value={formatCount(all?.by_status.running)} window="now" to="/workloads" search={{ status: 'running' }} />
          <Figure name="Pending" value={formatCount(all?.by_status.pending)} window="now" to="/workloads" search={{ status: 'pending' }} />
          <Figure
            name="Completed"
            value={formatCount(day?.by_status.completed)}
            window="last 24 h"
            to="/workloads"
            search={{ status: 'completed', range: '24h' }}
          />
          <Figure
            name="Failed"
            value={formatCount(failed)}
            window="last 24 h"
            isBad={failed !== undefined && failed > 0}
            to="/workloads"
            search={{ status: 'failed', range: '24h' }}
          />
          <Figure
            name="Mean duration"
            value={day !== undefined && day.by_status.completed > 0 ? formatDuration(day.avg_duration_ms) : UNKNOWN}
            window="completed, 24 h"
            to="/workloads"
            search={{ status: 'completed', range: '24h' }}
          />
        </div>
        <TideBar counts={day?.by_status} />
      </Group>
      <Group name="Workers">
        <div className="flex flex-wrap divide-line sm:divide-x">
          <Figure name="Workers online" value={formatCount(count('online'))} window="now" to="/workers" search={{ liveness: 'online' }} />
          <Figure name="Late" value={formatCount(count('late'))} window="now" to="/workers" search={{ liveness: 'late' }} />
          <Figure
            name="Lost"
            value={formatCount(lost)}
            window="now"
            isBad={lost !== undefined && lost > 0}
            to="/workers"
            search={{ liveness: 'lost' }}
          />
        </div>
      </Group>
    </div>
  );
}
