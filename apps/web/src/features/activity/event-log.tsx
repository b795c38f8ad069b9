import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { CircleArrowDown, CircleDot, Gauge, Hourglass, OctagonAlert, Play, Square, Trash2, Undo2, Unlink } from 'lucide-react';
import type { StreamEvent } from '@tidemark/core/events/contract';
import { toFailure } from '../../lib/failure.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { readAgain } from '../../lib/refresh.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { trpc } from '../../lib/trpc.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { Pager } from '../../ui/pager.tsx';
import { ProgressLine, SkeletonRows } from '../../ui/skeleton.tsx';
import { Status } from '../../ui/status.tsx';
import type { Look } from '../../ui/status.tsx';
import { Moment } from '../../ui/time.tsx';

const LOOKS: Record<string, Look> = {
  'worker.registered': { icon: CircleDot, word: 'Registered', tone: 'green' },
  'worker.recovered': { icon: CircleDot, word: 'Recovered', tone: 'green' },
  'worker.lost': { icon: Unlink, word: 'Lost', tone: 'red' },
  'worker.slow': { icon: Gauge, word: 'Slow', tone: 'amber' },
  'worker.stuck': { icon: Hourglass, word: 'Stuck', tone: 'amber' },
  'worker.drain_requested': { icon: CircleArrowDown, word: 'Drain asked for', tone: 'violet' },
  'worker.resumed': { icon: Play, word: 'Resumed', tone: 'green' },
  'worker.quarantined': { icon: OctagonAlert, word: 'Quarantined', tone: 'red' },
  'worker.unquarantined': { icon: Undo2, word: 'Quarantine ended', tone: 'green' },
  'worker.forgotten': { icon: Trash2, word: 'Forgotten', tone: 'grey' },
  'worker.stopped': { icon: Square, word: 'Signed off', tone: 'grey' },
};

/** Types that came later than this page still have a name. */
function lookOf(type: string): Look {
  const word = type.split('.').at(-1)?.replaceAll('_', ' ') ?? type;
  return LOOKS[type] ?? { icon: CircleDot, word: word.charAt(0).toUpperCase() + word.slice(1), tone: 'grey' };
}

function textOf(event: StreamEvent, key: string): string | null {
  const value = event.data[key];
  return typeof value === 'string' ? value : null;
}

const PAGE_SIZE = 60;

function Row({ event }: { event: StreamEvent }) {
  const id = textOf(event, 'id') ?? textOf(event, 'worker_id');
  const name = textOf(event, 'name') ?? id ?? '';
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-1.5 text-sm sm:grid-cols-[9.5rem_minmax(0,1fr)_auto]">
      <Status look={lookOf(event.type)} className="justify-self-start" />
      <span className="order-last col-span-full min-w-0 truncate sm:order-none sm:col-span-1">
        Worker{' '}
        {id === null || event.type === 'worker.forgotten' ? (
          name
        ) : (
          <Link to="/workers/$id" params={{ id }} className="link font-medium text-ink">
            {name}
          </Link>
        )}
      </span>
      <Moment at={event.created_at} className="text-xs text-ink-mute" />
    </li>
  );
}

/**
 * What happened to workers, the latest first, page by page. New entries appear at the top as they happen, unless the page is paused;
 * older pages stand still.
 */
export function EventLog() {
  const { cursor } = useSearch({ from: '/activity' });
  const navigate = useNavigate({ from: '/activity' });
  const { data, error, refetch, isPlaceholderData } = useQuery(
    trpc.events.list.queryOptions({ stream: 'workers', order: 'desc', before: cursor, limit: PAGE_SIZE }),
  );
  const refresh = useThrottle(() => void readAgain(trpc.events.pathKey()), 2000);
  useLiveEvents('workers', (events, isResync) => {
    if (cursor === undefined && (events.length > 0 || isResync)) refresh();
  });
  return (
    <Panel title="Workers" className="relative overflow-hidden">
      <ProgressLine isActive={isPlaceholderData} />
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={5} />}
      {data?.items.length === 0 && (
        <p className="px-4 py-4 text-sm text-ink-soft">
          {cursor === undefined ? 'Nothing has happened to a worker yet.' : 'What happened before is no longer kept.'}
        </p>
      )}
      <ul aria-label="What happened to workers, the latest first" className="divide-y divide-line">
        {(data?.items ?? []).map((event) => (
          <Row key={event.id} event={event} />
        ))}
      </ul>
      <Pager
        next={data?.next_cursor ?? null}
        cursor={cursor}
        onGo={(before, trail) => void navigate({ search: { cursor: before }, state: { trail } })}
      />
    </Panel>
  );
}
