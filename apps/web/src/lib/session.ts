import { useMutation, useQuery } from '@tanstack/react-query';
import type { SessionState } from '@tidemark/core/sessions/contract';
import { basePath } from './server-path.ts';
import { client, trpc } from './trpc.ts';
import type { QueryResult } from './trpc.ts';

/** Who looks at this page, and whether somebody has to sign in. */
export function useSession(): QueryResult<SessionState> {
  return useQuery(trpc.session.get.queryOptions({}, { staleTime: 30_000 }));
}

const RANKS: Record<string, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether the one who looks may do what this role may; the server decides again at each call. */
export function useMay(role: 'viewer' | 'operator' | 'admin'): boolean {
  const { data } = useSession();
  if (data === undefined) return false;
  return data.state === 'open' || (data.role !== null && (RANKS[data.role] ?? -1) >= (RANKS[role] ?? 0));
}

/** A path of this site to go to after signing in; anything else leads to the overview. Browsers drop tabs and line ends: none may hide a second slash. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[^\p{Cc}]*$/u.test(next) ? next : '/';
}

/** Everything is read anew as whoever is signed in now: the live streams too. */
export function enter(next: string | undefined): void {
  const path = safeNext(next);
  window.location.assign(path.startsWith(`${basePath}/`) ? path : `${basePath}${path}`);
}

/** Ends the session here and leads to the sign-in. */
export function useSignOut(onFailed: (error: unknown) => void) {
  return useMutation({ mutationFn: () => client.session.signOut.mutate({}), onSuccess: () => enter('/login'), onError: onFailed });
}
