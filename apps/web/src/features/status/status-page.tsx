import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleHelp, OctagonAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { MONITOR_STATES } from '@tidemark/core/monitors/contract';
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
import { MONITOR_LOOK, Status, TONE_TEXT } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
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

/** What the page says first: a shape and a colour for the worst there is. */
function lookOf({ state, by_state }: PublicStatus): { icon: LucideIcon; tone: string } {
  if (state === 'up') return { icon: CircleCheck, tone: TONE_TEXT.green };
  if (state === 'down') return { icon: OctagonAlert, tone: TONE_TEXT.red };
  const worst = MONITOR_STATES.find((name) => name !== 'up' && by_state[name] > 0);
  if (worst === undefined) return { icon: CircleHelp, tone: TONE_TEXT.grey };
  const { icon, tone } = MONITOR_LOOK[worst];
  return { icon, tone: TONE_TEXT[tone] };
}

/** In the words of the headline: of one that never ran nothing is known yet. */
function stateLook({ state, last_run_at }: PublicMonitor): Look {
  const look = MONITOR_LOOK[state];
  return state === 'unknown' && last_run_at === null ? { ...look, word: 'No result yet' } : look;
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
        <Status look={stateLook(monitor)} className="text-sm" />
        <span className="ml-auto text-sm text-ink-soft">
          {pct(monitor.uptime_24h_pct)} <span className="text-xs text-ink-mute">24 h</span> · {pct(monitor.uptime_30d_pct)}{' '}
          <span className="text-xs text-ink-mute">30 days</span>
        </span>
      </div>
      {monitor.state === 'down' && monitor.outage !== null && (
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

/** The worst there is in a sentence, what holds of the others, and as of when. */
function Headline({ status }: { status: PublicStatus | undefined }) {
  const look = status === undefined ? undefined : lookOf(status);
  const detail = status?.detail ?? null;
  return (
    <header className="flex items-center gap-3">
      {look !== undefined && <look.icon aria-hidden className={cn('size-9 shrink-0', look.tone)} />}
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-[-0.015em] break-words">{status?.headline ?? 'Status'}</h1>
        {detail !== null && <p className="text-sm text-ink-soft">{detail}.</p>}
        <p className="text-sm text-ink-mute">
          {status === undefined ? ' ' : `As of ${formatDateTime(status.generated_at, 'UTC')} (UTC). Days begin at midnight UTC.`}
        </p>
      </div>
    </header>
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
  useTitle(data === undefined || data.state === 'up' ? 'Status' : `${data.headline} · Status`);
  return (
    <main id="main" className="mx-auto flex min-h-dvh w-full max-w-3xl flex-col gap-6 px-4 py-8 sm:px-6">
      <Headline status={data} />
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
