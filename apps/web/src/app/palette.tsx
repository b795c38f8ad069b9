import { Dialog } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { NavigateOptions } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Activity, ArrowRight, Keyboard, Layers, ListTodo, Pause, Play, Plus, Search, ServerCog, SunMoon } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useDeferredValue } from 'react';
import { shortId } from '../lib/format.ts';
import { live } from '../lib/live/hub.ts';
import { useMay } from '../lib/session.ts';
import { SHORTCUTS } from '../lib/shortcuts.ts';
import { THEMES, theme } from '../lib/theme.ts';
import { trpc } from '../lib/trpc.ts';
import { StatusIcon, workloadLook } from '../ui/status.tsx';

interface PaletteProps {
  isOpen: boolean;
  /** What is looked for; it may be typed before the palette is there. */
  text: string;
  onText(text: string): void;
  onClose(): void;
  onHelp(): void;
}

const PAGES = [
  { to: '/', label: 'Overview', keys: 'g o' },
  { to: '/workloads', label: 'Workloads', keys: 'g w' },
  { to: '/queues', label: 'Queues', keys: 'g q' },
  { to: '/workers', label: 'Workers', keys: 'g k' },
  { to: '/monitors', label: 'Monitors', keys: 'g t' },
  { to: '/incidents', label: 'Incidents', keys: 'g i' },
  { to: '/status', label: 'Public status page', keys: '' },
  { to: '/publishing', label: 'Publishing', keys: '' },
  { to: '/publishing/queue', label: 'Publishing queue', keys: '' },
  { to: '/publishing/campaigns', label: 'Campaigns', keys: '' },
  { to: '/errors', label: 'Errors', keys: '' },
  { to: '/activity', label: 'Activity', keys: 'g a' },
  { to: '/settings', label: 'Settings', keys: 'g s' },
  { to: '/settings/api-keys', label: 'API keys', keys: '', role: 'admin' },
  { to: '/settings/notifications', label: 'Notifications', keys: '' },
  { to: '/settings/members', label: 'Members', keys: '', role: 'admin' },
  { to: '/settings/secrets', label: 'Secrets', keys: '', role: 'operator' },
  { to: '/settings/retention', label: 'Retention', keys: '' },
  { to: '/settings/import-export', label: 'Import and export', keys: '' },
  { to: '/settings/system', label: 'System', keys: '' },
  { to: '/settings/audit', label: 'Audit log', keys: '', role: 'admin' },
] as const;

const GROUP =
  '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-mute';
const ITEM =
  'flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-sunken data-[selected=true]:outline-2 data-[selected=true]:-outline-offset-2 data-[selected=true]:outline-accent';

function Item({
  icon: Icon,
  label,
  keys,
  value,
  onSelect,
}: {
  icon: LucideIcon;
  label: string;
  keys?: string;
  value?: string;
  onSelect(): void;
}) {
  return (
    <Command.Item value={value ?? label} className={ITEM} onSelect={onSelect}>
      <Icon aria-hidden className="size-4 shrink-0 text-ink-mute" />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {keys !== undefined && <kbd className="rounded-sm border border-line px-1 font-mono text-2xs text-ink-mute">{keys}</kbd>}
    </Command.Item>
  );
}

function Named({ heading, icon, items }: { heading: string; icon: LucideIcon; items: { key: string; label: string; onSelect(): void }[] }) {
  if (items.length === 0) return null;
  return (
    <Command.Group heading={heading} className={GROUP}>
      {items.map((item) => (
        <Item key={item.key} icon={icon} value={`${item.label} ${item.key}`} label={item.label} onSelect={item.onSelect} />
      ))}
    </Command.Group>
  );
}

/** What the server knows by what was typed: an id, a part of an error, a worker, a queue. */
function Found({ query, go }: { query: string; go: Go }) {
  const isAsked = query.length >= 2;
  const workloads = useQuery(trpc.workloads.list.queryOptions({ q: query, limit: 5 }, { enabled: isAsked }));
  const workers = useQuery(trpc.workers.list.queryOptions({ limit: 500 }, { enabled: isAsked }));
  const queues = useQuery(trpc.queues.list.queryOptions({ limit: 500 }, { enabled: isAsked }));
  const monitors = useQuery(trpc.monitors.list.queryOptions({ q: query, order: 'urgent', limit: 5 }, { enabled: isAsked }));
  if (!isAsked) return null;
  const needle = query.toLowerCase();
  const names = (workers.data?.items ?? [])
    .filter((worker) => `${worker.name} ${worker.id}`.toLowerCase().includes(needle))
    .slice(0, 5)
    .map((worker) => ({ key: worker.id, label: worker.name, onSelect: () => go({ to: '/workers/$id', params: { id: worker.id } }) }));
  const found = (queues.data?.items ?? [])
    .filter((queue) => queue.name.toLowerCase().includes(needle))
    .slice(0, 5)
    .map(({ name }) => ({ key: `queue ${name}`, label: name, onSelect: () => go({ to: '/workloads', search: { queue: name } }) }));
  return (
    <>
      <Command.Group heading="Workloads" className={GROUP}>
        {(workloads.data?.items ?? []).map((row) => (
          <Command.Item
            key={row.id}
            value={row.id}
            keywords={[query]}
            className={ITEM}
            onSelect={() => go({ to: '/workloads/$id', params: { id: row.id } })}
          >
            <StatusIcon look={workloadLook(row.status, row.status_reason)} />
            <span className="font-mono text-xs">{shortId(row.id)}</span>
            <span className="min-w-0 flex-1 truncate text-ink-soft">
              {row.kind} {row.error?.split('\n')[0]}
            </span>
          </Command.Item>
        ))}
      </Command.Group>
      <Named
        heading="Monitors"
        icon={Activity}
        items={(monitors.data?.items ?? []).map(({ id, name }) => ({
          key: id,
          label: name,
          onSelect: () => go({ to: '/monitors/$id', params: { id } }),
        }))}
      />
      <Named heading="Workers" icon={ServerCog} items={names} />
      <Named heading="Queues" icon={Layers} items={found} />
      <Command.Group className={GROUP}>
        <Item
          icon={Search}
          value={`search ${query}`}
          label={`Search all workloads for “${query}”`}
          onSelect={() => go({ to: '/workloads', search: { q: query } })}
        />
      </Command.Group>
    </>
  );
}

type Go = (target: NavigateOptions) => void;

/** Nothing that destroys is in here: those verbs stand beside what they act on. */
function Commands({ go, onClose, onHelp }: { go: Go } & Pick<PaletteProps, 'onClose' | 'onHelp'>) {
  const isPaused = live.isPaused();
  const may = { operator: useMay('operator'), admin: useMay('admin') };
  const next = THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length] ?? 'system';
  const run = (act: () => void) => (): void => {
    onClose();
    act();
  };
  return (
    <>
      <Command.Group heading="Pages" className={GROUP}>
        {PAGES.filter((page) => !('role' in page) || may[page.role]).map((page) => (
          <Item
            key={page.to}
            icon={ArrowRight}
            label={page.label}
            {...(page.keys === '' ? {} : { keys: page.keys })}
            onSelect={() => go({ to: page.to })}
          />
        ))}
        <Item
          icon={ListTodo}
          label="Failed workloads of the last 24 hours"
          onSelect={() => go({ to: '/workloads', search: { status: 'failed', range: '24h' } })}
        />
        <Item icon={ListTodo} label="Running workloads" onSelect={() => go({ to: '/workloads', search: { status: 'running' } })} />
      </Command.Group>
      <Command.Group heading="Actions" className={GROUP}>
        <Item icon={Plus} label="New monitor" onSelect={() => go({ to: '/monitors', search: { panel: 'new' } })} />
        <Item icon={Plus} label="New monitor from curl" onSelect={() => go({ to: '/monitors', search: { panel: 'curl' } })} />
        <Item icon={Plus} label="Publish a clip" onSelect={() => go({ to: '/publishing/queue', search: { panel: 'new' } })} />
        <Item icon={Plus} label="Submit a workload" keys="n" onSelect={() => go({ to: '/workloads', search: { panel: 'new' } })} />
        <Item
          icon={isPaused ? Play : Pause}
          label={isPaused ? 'Resume live updates' : 'Pause live updates'}
          keys="p"
          onSelect={run(() => live.setPaused(!isPaused))}
        />
        <Item icon={SunMoon} label={`Theme: ${next}`} onSelect={run(() => theme.set(next))} />
        <Item icon={Keyboard} label="Keyboard shortcuts" keys={SHORTCUTS.at(-1)?.keys ?? '?'} onSelect={run(onHelp)} />
      </Command.Group>
    </>
  );
}

/** Goes to any page, workload, worker or queue by a few letters. */
export function Palette({ isOpen, text, onText, onClose, onHelp }: PaletteProps) {
  const navigate = useNavigate();
  const query = useDeferredValue(text.trim());
  const go: Go = (target) => {
    onClose();
    void navigate(target);
  };
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup className="fixed top-[12vh] left-1/2 z-50 w-[min(38rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-float">
          <Dialog.Title className="sr-only">Command palette</Dialog.Title>
          <Command label="Command palette" loop>
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search aria-hidden className="size-4 text-ink-mute" />
              <Command.Input
                value={text}
                onValueChange={onText}
                placeholder="Page, monitor, workload id, error text, worker"
                className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
              />
              <kbd className="rounded-sm border border-line px-1 font-mono text-2xs text-ink-mute">Esc</kbd>
            </div>
            <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-2">
              <Command.Empty className="px-2 py-6 text-center text-sm text-ink-soft">Nothing has “{query}” in its name.</Command.Empty>
              <Found query={query} go={go} />
              <Commands go={go} onClose={onClose} onHelp={onHelp} />
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
