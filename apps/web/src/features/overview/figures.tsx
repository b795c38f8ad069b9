import { Link } from '@tanstack/react-router';
import type { LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { StateCounts } from '@tidemark/core/monitors/contract';
import type { QueueStats } from '@tidemark/core/publishing/contract';
import type { Stats } from '@tidemark/core/stats/contract';
import type { Worker } from '@tidemark/core/workers/contract';
import { formatCount, formatDuration, UNKNOWN } from '../../lib/format.ts';
import { cn } from '../../ui/class-names.ts';
import { TideBar } from '../../ui/tide-bar.tsx';

interface FiguresProps {
  all: Stats | undefined;
  day: Stats | undefined;
  workers: Worker[] | undefined;
  /** How many monitors are in each state; undefined until it is known. */
  monitors: StateCounts | undefined;
  openOutages: number | undefined;
  publishing: QueueStats | undefined;
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

function Group({ name, className, children }: { name: string; className?: string; children: ReactNode }) {
  return (
    <section aria-label={name} className={cn('panel min-w-0 overflow-hidden', className)}>
      {children}
    </section>
  );
}

/** How what is watched stands. */
function Monitors({ monitors, openOutages }: Pick<FiguresProps, 'monitors' | 'openOutages'>) {
  const isOther = monitors !== undefined && monitors.unknown + monitors.maintenance > 0;
  return (
    <Group name="Monitors">
      <div className="flex h-full flex-wrap divide-line sm:divide-x">
        <Figure name="Monitors up" value={formatCount(monitors?.up)} window="now" to="/monitors" search={{ state: 'up' }} />
        <Figure
          name="Down"
          value={formatCount(monitors?.down)}
          window="now"
          isBad={monitors !== undefined && monitors.down > 0}
          to="/monitors"
          search={{ state: 'down' }}
        />
        {isOther && (
          <Figure
            name="Unknown or planned"
            value={formatCount(monitors.unknown + monitors.maintenance)}
            window="now"
            to="/monitors"
            search={{ state: 'unknown,maintenance' }}
          />
        )}
        <Figure
          name="Open outages"
          value={formatCount(openOutages)}
          window="now"
          isBad={openOutages !== undefined && openOutages > 0}
          to="/incidents"
        />
      </div>
    </Group>
  );
}

/** How what is published stands. */
function Publishing({ publishing }: Pick<FiguresProps, 'publishing'>) {
  const age = publishing?.oldest_pending_age_seconds ?? null;
  const failed = publishing?.failed;
  return (
    <Group name="Publishing">
      <div className="flex h-full flex-wrap divide-line sm:divide-x">
        <Figure
          name="To publish"
          value={formatCount(publishing?.pending)}
          window={age === null ? 'none is due' : `oldest ${formatDuration(age * 1000)}`}
          to="/publishing/queue"
          search={{ status: 'pending' }}
        />
        <Figure
          name="Not published"
          value={formatCount(failed)}
          window="failed, all time"
          isBad={failed !== undefined && failed > 0}
          to="/publishing/queue"
          search={{ status: 'failed' }}
        />
        <Figure
          name="Published"
          value={formatCount(publishing?.success)}
          window="all time"
          to="/publishing/queue"
          search={{ status: 'success' }}
        />
      </div>
    </Group>
  );
}

export function Figures({ all, day, workers, monitors, openOutages, publishing }: FiguresProps) {
  const count = (liveness: string): number | undefined => workers?.filter((worker) => worker.liveness === liveness).length;
  const failed = day?.by_status.failed;
  const lost = count('lost');
  return (
    <div className="grid min-w-0 gap-4 lg:grid-cols-3">
      <Group name="Workloads" className="lg:col-span-3">
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
      <Monitors monitors={monitors} openOutages={openOutages} />
      <Group name="Workers">
        <div className="flex h-full flex-wrap divide-line sm:divide-x">
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
      <Publishing publishing={publishing} />
    </div>
  );
}
