import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
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

let stays = 0;
const watchers = new Set<() => void>();

function stay(by: 1 | -1): void {
  stays += by;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Nobody is led away to sign in while this is shown: it is not shown again. */
export function useStay(): void {
  useEffect(() => {
    stay(1);
    return () => stay(-1);
  }, []);
}

export function useIsStaying(): boolean {
  return useSyncExternalStore(watch, () => stays > 0);
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
