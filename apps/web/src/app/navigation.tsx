import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import {
  Activity,
  BookOpen,
  Bug,
  Ellipsis,
  History,
  Layers,
  LayoutDashboard,
  ListOrdered,
  ListTodo,
  Megaphone,
  OctagonAlert,
  Send,
  ServerCog,
  Settings,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { serverPath } from '../lib/server-path.ts';
import { trpc } from '../lib/trpc.ts';
import type { Trouble } from '../lib/trouble.ts';
import { cn } from '../ui/class-names.ts';
import { Menu, MenuItem } from '../ui/menu.tsx';

interface Entry {
  to:
    | '/'
    | '/workloads'
    | '/queues'
    | '/workers'
    | '/monitors'
    | '/incidents'
    | '/publishing'
    | '/publishing/queue'
    | '/publishing/campaigns'
    | '/errors'
    | '/activity'
    | '/settings';
  label: string;
  icon: LucideIcon;
  /** In the bar of a phone; the others are behind its last entry. */
  isOnPhone?: boolean;
  trouble?: { key: keyof Trouble; one: string; many: string };
}

/** What there is, by what one does with it. */
const GROUPS: { name: string | null; entries: Entry[] }[] = [
  { name: null, entries: [{ to: '/', label: 'Overview', icon: LayoutDashboard, isOnPhone: true }] },
  {
    name: 'Run',
    entries: [
      {
        to: '/workloads',
        label: 'Workloads',
        icon: ListTodo,
        isOnPhone: true,
        trouble: { key: 'causes', one: 'cause of failures in the last 24 hours', many: 'causes of failures in the last 24 hours' },
      },
      { to: '/queues', label: 'Queues', icon: Layers },
      { to: '/workers', label: 'Workers', icon: ServerCog, trouble: { key: 'workers', one: 'lost or late', many: 'lost or late' } },
    ],
  },
  {
    name: 'Watch',
    entries: [
      { to: '/monitors', label: 'Monitors', icon: Activity, isOnPhone: true },
      {
        to: '/incidents',
        label: 'Incidents',
        icon: OctagonAlert,
        isOnPhone: true,
        trouble: { key: 'outages', one: 'outage goes on', many: 'outages go on' },
      },
    ],
  },
  {
    name: 'Publish',
    entries: [
      {
        to: '/publishing',
        label: 'Publishing',
        icon: Send,
        trouble: { key: 'publishing', one: 'thing needs attention', many: 'things need attention' },
      },
      { to: '/publishing/queue', label: 'Publishing queue', icon: ListOrdered },
      { to: '/publishing/campaigns', label: 'Campaigns', icon: Megaphone },
    ],
  },
  {
    name: 'Admin',
    entries: [
      { to: '/errors', label: 'Errors', icon: Bug },
      { to: '/activity', label: 'Activity', icon: History },
      { to: '/settings', label: 'Settings', icon: Settings },
    ],
  },
];

function Mark() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className="size-7 shrink-0">
      <path d="M3 21c4.3 0 4.3-6 8.7-6s4.3 6 8.6 6 4.4-6 8.7-6" fill="none" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M3 8h4.5M11 8h2M17 8h4.5M25 8h4" stroke="currentColor" strokeWidth="2" strokeLinecap="round" opacity=".55" />
    </svg>
  );
}

/** Counts what needs attention, never totals; zero shows nothing. */
function Count({ entry, trouble, className }: { entry: Entry; trouble: Trouble; className?: string }) {
  const count = entry.trouble === undefined ? 0 : trouble[entry.trouble.key];
  if (count === 0) return null;
  return (
    <span className={cn('rounded-full bg-red px-1.5 text-[0.6875rem]/4.5 font-semibold text-accent-ink', className)}>
      {count > 999 ? '999+' : count}
      <span className="sr-only"> {count === 1 ? entry.trouble?.one : entry.trouble?.many}</span>
    </span>
  );
}

/** Says that what is shown is not real. */
function DemoBadge() {
  const { data } = useQuery(trpc.demo.find.queryOptions({}, { staleTime: Number.POSITIVE_INFINITY }));
  if (data === undefined || data.demo === null) return null;
  return (
    <div
      title={`Demo data of ${data.demo.days} days. Remove it with: tidemark demo --remove`}
      className="mb-3 rounded-md border border-amber/40 bg-amber/10 px-1 py-0.5 text-center text-xs font-semibold text-ink lg:px-2"
    >
      Demo<span className="sr-only lg:not-sr-only"> data</span>
    </div>
  );
}

const ENTRY =
  'relative flex h-9 items-center gap-2.5 rounded-md px-2.5 text-sm text-ink-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent/10 aria-[current=page]:font-semibold aria-[current=page]:text-ink aria-[current=page]:[&>svg]:text-accent';

export function SideBar({ trouble }: { trouble: Trouble }) {
  return (
    <nav
      aria-label="Main"
      className="sticky top-0 hidden h-dvh w-14 shrink-0 flex-col border-r border-line px-2 py-3 md:flex lg:w-52 lg:px-3"
    >
      <Link to="/" className="mb-3 flex h-9 items-center gap-2 rounded-md px-1.5 text-accent">
        <Mark />
        <span className="sr-only text-[1.0625rem] font-semibold tracking-[-0.02em] text-ink lg:not-sr-only">Tidemark</span>
      </Link>
      <DemoBadge />
      <div className="flex flex-col gap-4">
        {GROUPS.map((group) => (
          <div key={group.name ?? 'top'} className="flex flex-col gap-0.5">
            {group.name !== null && <div className="hidden px-2.5 pb-0.5 text-xs text-ink-mute lg:block">{group.name}</div>}
            {group.entries.map((entry) => (
              <Link
                key={entry.to}
                to={entry.to}
                activeOptions={{ exact: entry.to === '/' || entry.to === '/publishing', includeSearch: false }}
                title={entry.label}
                className={ENTRY}
              >
                <entry.icon aria-hidden className="size-4 shrink-0" />
                <span className="sr-only lg:not-sr-only">{entry.label}</span>
                <Count entry={entry} trouble={trouble} className="absolute -top-1 right-0 lg:static lg:ml-auto" />
              </Link>
            ))}
          </div>
        ))}
      </div>
      <div className="mt-auto flex flex-col gap-0.5 border-t border-line pt-3">
        <a href={serverPath('/docs')} title="API reference" className={ENTRY}>
          <BookOpen aria-hidden className="size-4 shrink-0" />
          <span className="sr-only lg:not-sr-only">API reference</span>
        </a>
      </div>
    </nav>
  );
}

const TAB =
  'relative flex h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-xs text-ink-soft -outline-offset-4 aria-[current=page]:font-semibold aria-[current=page]:text-accent';
const ENTRIES = GROUPS.flatMap((group) => group.entries);
const ON_PHONE = ENTRIES.filter((entry) => entry.isOnPhone === true);
const MORE = ENTRIES.filter((entry) => entry.isOnPhone !== true);

/** A phone has room for a few; the others are one press away. */
export function BottomBar({ trouble }: { trouble: Trouble }) {
  const navigate = useNavigate();
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {ON_PHONE.map((entry) => (
        <Link key={entry.to} to={entry.to} activeOptions={{ exact: entry.to === '/', includeSearch: false }} className={TAB}>
          <entry.icon aria-hidden className="size-5" />
          {entry.label}
          <Count entry={entry} trouble={trouble} className="absolute top-1 left-[calc(50%+0.5rem)]" />
        </Link>
      ))}
      <Menu
        trigger={
          <button type="button" className={TAB}>
            <Ellipsis aria-hidden className="size-5" />
            More
          </button>
        }
      >
        {MORE.map((entry) => (
          <MenuItem key={entry.to} onSelect={() => void navigate({ to: entry.to })}>
            <entry.icon aria-hidden className="size-4" /> {entry.label}
          </MenuItem>
        ))}
      </Menu>
    </nav>
  );
}
