import { QueryCache, QueryClient, keepPreviousData } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import type { OperationLink, TRPCClientErrorLike } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import type { AppRouter } from '@tidemark/api';
import { learnServerTime } from './clock.ts';
import { isTransient, toFailure } from './failure.ts';
import { live } from './live/hub.ts';
import { serverPath } from './server-path.ts';

const url = serverPath('/trpc');

export type QueryResult<Data> = UseQueryResult<Data, TRPCClientErrorLike<AppRouter>>;

/** Until an answer begins. A connection that leads nowhere would be waited on until the browser is closed. */
const ANSWER_MS = 30_000;

async function timedFetch(input: string | URL | RequestInfo, init: { signal?: AbortSignal | null | undefined } = {}): Promise<Response> {
  const sentAt = Date.now();
  const { signal } = init;
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(new DOMException('The server did not answer in time.', 'TimeoutError')), ANSWER_MS);
  try {
    const response = await fetch(input, { ...init, signal: signal ? AbortSignal.any([signal, impatience.signal]) : impatience.signal });
    learnServerTime(response, sentAt);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

/** Answers in place of the server while it is set; only the gallery of page states does. */
export const stage: { link: OperationLink<AppRouter> | null } = { link: null };

export const client = createTRPCClient<AppRouter>({
  links: [
    () => (call) => (stage.link === null ? call.next(call.op) : stage.link(call)),
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({ url }),
      false: httpBatchStreamLink({ url, maxItems: 20, maxURLLength: 8000, fetch: timedFetch }),
    }),
  ],
});

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // The session has ended: whoever looks is asked to sign in again.
      if (toFailure(error).code === 'UNAUTHORIZED') void queryClient.invalidateQueries({ queryKey: trpc.session.get.queryKey() });
    },
  }),
  defaultOptions: {
    queries: {
      placeholderData: keepPreviousData,
      // A paused page does not change because somebody looked at it.
      refetchOnWindowFocus: () => !live.isHeld(),
      refetchOnReconnect: () => !live.isHeld(),
      networkMode: 'always',
      retry: (count, error) => count < 2 && isTransient(error),
      staleTime: 2000,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** Typed query and mutation options of every procedure. */
export const trpc = createTRPCOptionsProxy<AppRouter>({ client, queryClient });
