import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleArrowDown, CircleDot, Gauge, Hourglass, OctagonAlert, Play, Square, Trash2, Undo2, Unlink } from 'lucide-react';
import type { StreamEvent } from '@tidemark/core/events/contract';
import { toFailure } from '../../lib/failure.ts';
import { live } from '../../lib/live/hub.ts';
import { useLiveEvents } from '../../lib/live/use-live.ts';
import { useThrottle } from '../../lib/throttle.ts';
import { client, queryClient } from '../../lib/trpc.ts';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
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

const SHOWN = 60;
const PAGES_MAX = 20;
const KEY = ['activity', 'workers'];

/** The latest events of the registry. The log is read from its oldest entry on: it holds no more than decisions and changes of state. */
async function readLatest(): Promise<StreamEvent[]> {
  let events: StreamEvent[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items, next_cursor } = await client.events.list.query({ stream: 'workers', after, limit: 1000 });
    events = [...events, ...items].slice(-SHOWN);
    if (next_cursor === null) break;
    after = next_cursor;
  }
  return events.toReversed();
}

function Row({ event }: { event: StreamEvent }) {
  const id = textOf(event, 'id') ?? textOf(event, 'worker_id');
  const name = textOf(event, 'name') ?? id ?? '';
  return (
    <li className="grid grid-cols-[9.5rem_minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-1.5 text-sm">
      <Status look={lookOf(event.type)} />
      <span className="min-w-0 truncate">
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

/** What happened to workers, the latest first; new entries appear as they happen. */
export function EventLog() {
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: readLatest });
  const refresh = useThrottle(() => {
    if (!live.isHeld()) void queryClient.invalidateQueries({ queryKey: KEY });
  }, 2000);
  useLiveEvents('workers', (events, isResync) => {
    if (events.length > 0 || isResync) refresh();
  });
  return (
    <Panel title="Workers">
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={5} />}
      {data?.length === 0 && <p className="px-4 py-4 text-sm text-ink-soft">Nothing has happened to a worker yet.</p>}
      <ul className="divide-y divide-line">
        {(data ?? []).map((event) => (
          <Row key={event.id} event={event} />
        ))}
      </ul>
    </Panel>
  );
}
