import { Navigate, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { live } from '../lib/live/hub.ts';
import { useIsStaying, useSession } from '../lib/session.ts';

/** Pages that need nobody to be known, and no navigation. */
const BARE = ['/login', '/setup'];

/** Leads whoever is not signed in to the sign-in, and shows the pages before it without the shell. */
export function Gate({ children }: { children: ReactNode }) {
  const location = useRouterState({ select: (state) => state.location });
  const session = useSession();
  const isStaying = useIsStaying();
  const position = session.data?.live_position ?? null;
  useEffect(() => {
    if (position !== null) live.beginAt(position);
  }, [position]);
  if (BARE.includes(location.pathname)) {
    return (
      <main id="main" className="min-h-dvh px-4 pb-10">
        <Outlet />
      </main>
    );
  }
  // Until it is known who looks, nothing is asked for; a server out of reach is told by the pages themselves.
  if (session.data === undefined && session.error === null) return <div aria-busy="true" />;
  if (session.data?.state === 'anonymous' && !isStaying) return <Navigate to="/login" search={{ next: location.href }} replace />;
  return children;
}
