import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleHelp, OctagonAlert } from 'lucide-react';
import { PublicStatus } from '@tidemark/core/status/contract';
import type { PublicMonitor } from '@tidemark/core/status/contract';
import { formatDateTime, plural, UNKNOWN } from '../../lib/format.ts';
import { DAY_MS } from '../../lib/ranges.ts';
import { serverPath } from '../../lib/server-path.ts';
import { useTitle } from '../../lib/title.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/class-names.ts';
import { Empty } from '../../ui/notice.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { MONITOR_LOOK, Status } from '../../ui/status.tsx';
import { UptimeCells } from '../../ui/uptime-cells.tsx';
import type { CellTone, UptimeCell } from '../../ui/uptime-cells.tsx';
import { Badges } from './badges.tsx';

const DAYS = 90;
const REFRESH_MS = 60_000;

/** Read over REST: its answer may be kept by caches on the way, unlike a call of the app. */
async function readStatus(): Promise<PublicStatus> {
  const response = await fetch(serverPath(`/api/status?days=${DAYS}`));
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return PublicStatus.parse(await response.json());
}

const HEADLINES = {
  up: { text: 'Everything is up', icon: CircleCheck, tone: 'text-green' },
  down: { text: 'Something is down', icon: OctagonAlert, tone: 'text-red' },
  unknown: { text: 'Nothing is known yet', icon: CircleHelp, tone: 'text-ink-mute' },
} as const;

/** How much is down, of how much. */
function headline(status: PublicStatus | undefined): string | undefined {
  if (status?.state !== 'down') return undefined;
  const down = status.monitors.filter((monitor) => monitor.state === 'down').length;
  if (down === status.monitors.length) return down === 1 ? `${status.monitors[0]?.name ?? 'It'} is down` : 'Everything is down';
  return `${down} of ${status.monitors.length} ${down === 1 ? 'is' : 'are'} down`;
}

type Day = PublicMonitor['days'][number];

function toneOf(day: Day | undefined): CellTone {
  if (day === undefined || day.total_runs === 0) return 'none';
  if (day.passed_runs === day.total_runs) return 'good';
  return day.passed_runs === 0 ? 'bad' : 'mixed';
}

/** One cell per day up to today, in UTC, also for days without a run. */
function cellsOf(monitor: PublicMonitor, generatedAt: string): UptimeCell[] {
  const byDay = new Map(monitor.days.map((day) => [day.day, day]));
  const today = Math.floor(Date.parse(generatedAt) / DAY_MS) * DAY_MS;
  return Array.from({ length: DAYS }, (_, index) => {
    const iso = new Date(today - (DAYS - 1 - index) * DAY_MS).toISOString();
    const day = byDay.get(iso.slice(0, 10));
    const text =
      day === undefined || day.uptime_pct === null
        ? 'no data'
        : `${day.uptime_pct.toFixed(1)} % of ${plural(day.total_runs, 'run')} passed`;
    return { tone: toneOf(day), text: `${formatDateTime(iso, 'UTC').slice(0, 11)} (UTC): ${text}` };
  });
}

function pct(value: number | null): string {
  return value === null ? UNKNOWN : `${value.toFixed(1)} %`;
}

function MonitorRow({ monitor, generatedAt }: { monitor: PublicMonitor; generatedAt: string }) {
  return (
    <li className="flex flex-col gap-1 px-4 py-4 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
        <h2 className="min-w-0 font-semibold break-words">{monitor.name}</h2>
        <Status look={MONITOR_LOOK[monitor.state]} className="text-sm" />
        <span className="ml-auto text-sm text-ink-soft">
          {pct(monitor.uptime_24h_pct)} <span className="text-xs text-ink-mute">24 h</span> · {pct(monitor.uptime_30d_pct)}{' '}
          <span className="text-xs text-ink-mute">30 days</span>
        </span>
      </div>
      {monitor.outage !== null && (
        <p className="text-sm text-red">
          Down since {formatDateTime(monitor.outage.opened_at, 'UTC')} UTC
          {monitor.outage.acknowledged_at !== null && <span className="text-ink-soft">; it is being worked on</span>}
        </p>
      )}
      <UptimeCells label={`${monitor.name}, last ${DAYS} days`} cells={cellsOf(monitor, generatedAt)} />
      <div aria-hidden className="flex justify-between text-xs text-ink-mute">
        <span>{DAYS} days ago</span>
        <span>today</span>
      </div>
    </li>
  );
}

/** What everybody may see: monitors marked public, without addresses and errors. Needs no sign-in and is not live. */
export function StatusPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['public-status'],
    queryFn: readStatus,
    refetchInterval: REFRESH_MS,
    refetchOnWindowFocus: true,
  });
  const look = data === undefined ? undefined : HEADLINES[data.state];
  useTitle(data?.state === 'down' ? 'Something is down · Status' : 'Status');
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-3xl flex-col gap-6 px-4 py-8 sm:px-6">
      <header className="flex items-center gap-3">
        {look !== undefined && <look.icon aria-hidden className={cn('size-9 shrink-0', look.tone)} />}
        <div className="min-w-0">
          <h1 className="text-2xl font-semibold tracking-[-0.015em]">{headline(data) ?? look?.text ?? 'Status'}</h1>
          <p className="text-sm text-ink-mute">
            {data === undefined ? ' ' : `As of ${formatDateTime(data.generated_at, 'UTC')} (UTC). Days begin at midnight UTC.`}
          </p>
        </div>
      </header>
      {error !== null && (
        <div role="alert" className="flex flex-wrap items-center gap-3 rounded-md border border-red/60 px-3 py-2 text-sm">
          <span className="flex-1">
            {data === undefined ? 'The status could not be read.' : 'What is shown is old: it could not be read again.'}
          </span>
          <Button size="small" onClick={() => void refetch()}>
            Retry
          </Button>
        </div>
      )}
      <div className="panel overflow-hidden">
        {data === undefined && error === null && <SkeletonRows count={4} />}
        {data?.monitors.length === 0 && <Empty title="Nothing is shown here yet">Monitors that are marked as public appear here.</Empty>}
        <ul className="divide-y divide-line">
          {(data?.monitors ?? []).map((monitor) => (
            <MonitorRow key={monitor.id} monitor={monitor} generatedAt={data?.generated_at ?? ''} />
          ))}
        </ul>
      </div>
      {data !== undefined && data.monitors.length > 0 && <Badges monitors={data.monitors} />}
      <footer className="mt-auto text-xs text-ink-mute">Tidemark</footer>
    </main>
  );
}
