import { Link, useRouterState } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { usePageName } from '../lib/title.ts';
import { LiveMenu } from './live-menu.tsx';
import { SearchButton } from './search-button.tsx';
import { ThemeMenu } from './theme-menu.tsx';
import { UserMenu } from './user-menu.tsx';
import { ZoneMenu } from './zone-menu.tsx';

const SECTIONS = {
  workloads: { name: 'Workloads', to: '/workloads' },
  queues: { name: 'Queues', to: '/queues' },
  workers: { name: 'Workers', to: '/workers' },
  monitors: { name: 'Monitors', to: '/monitors' },
  incidents: { name: 'Incidents', to: '/incidents' },
  publishing: { name: 'Publishing', to: '/publishing' },
  errors: { name: 'Errors', to: '/errors' },
  activity: { name: 'Activity', to: '/activity' },
  settings: { name: 'Settings', to: '/settings' },
} as const;
const SECTION_NAMES: ReadonlyMap<string, (typeof SECTIONS)[keyof typeof SECTIONS]> = new Map(Object.entries(SECTIONS));

function Crumbs() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const section = SECTION_NAMES.get(parts[0] ?? '');
  const isInside = parts.length > 1;
  const page = usePageName();
  const name = parts.length === 0 ? 'Overview' : section?.name;
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex items-center gap-1.5 text-sm text-ink-mute">
        {name !== undefined && (
          <li>
            {!isInside ? (
              <span aria-current="page">{name}</span>
            ) : (
              <Link to={section?.to ?? '/'} className="rounded-sm hover:text-ink">
                {name}
              </Link>
            )}
          </li>
        )}
        {isInside && (
          <li className="hidden min-w-0 items-center gap-1.5 sm:flex">
            <ChevronRight aria-hidden className="size-3.5" />
            <span aria-current="page" className="truncate">
              {page}
            </span>
          </li>
        )}
      </ol>
    </nav>
  );
}

export function TopBar() {
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b border-line bg-canvas px-4 sm:px-6">
      <Crumbs />
      <div className="ml-auto flex items-center gap-0.5">
        <SearchButton />
        <LiveMenu />
        <ZoneMenu />
        <ThemeMenu />
        <UserMenu />
      </div>
    </header>
  );
}
