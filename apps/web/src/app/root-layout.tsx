import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useFreshCounts, useTrouble } from '../lib/health.ts';
import { useTitleTrouble } from '../lib/title.ts';
import { totalTrouble } from '../lib/trouble.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Gate } from './gate.tsx';
import { BottomBar, SideBar } from './navigation.tsx';
import { TopBar } from './top-bar.tsx';

/** Moves the focus to the new page after a navigation, as a page load would; not on the first one. */
function useFocusOnNavigation(): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (last.current !== undefined && path !== last.current) main.current?.focus({ preventScroll: true });
    last.current = path;
  }, [path]);
  return main;
}

function Shell() {
  useFreshCounts();
  const trouble = useTrouble();
  useTitleTrouble(totalTrouble(trouble));
  const main = useFocusOnNavigation();
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-accent px-3 py-2 text-sm font-semibold text-accent-ink focus:translate-y-0"
      >
        Skip to content
      </a>
      <SideBar trouble={trouble} />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar />
        <ConnectionBanner />
        <main
          id="main"
          ref={main}
          tabIndex={-1}
          className="mx-auto w-full max-w-[96rem] flex-1 px-4 pt-5 pb-24 outline-none sm:px-6 md:pb-10"
        >
          <Outlet />
        </main>
      </div>
      <BottomBar trouble={trouble} />
    </div>
  );
}

/** Pages that stand alone: the one for everybody, and the gallery, whose pages bring their own navigation. */
const PUBLIC = new Set(['/status', '/gallery']);

export function RootLayout() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (PUBLIC.has(path.replace(/(?<=.)\/$/, ''))) return <Outlet />;
  return (
    <Gate>
      <Shell />
    </Gate>
  );
}
