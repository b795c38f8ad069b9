import { createTRPCClient, httpBatchLink, httpLink, httpSubscriptionLink, splitLink, TRPCClientError } from '@trpc/client';
import type { TRPCClient } from '@trpc/client';
import type { ErrorCode, Issue } from '@tidemark/core/errors';
import { EventSource } from 'eventsource';
import type { AppRouter } from './router.ts';

export type { AppRouter, RouterInputs, RouterOutputs } from './router.ts';
export type Client = TRPCClient<AppRouter>;

export interface ClientOptions {
  /** Where the server listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Limit of one call in milliseconds; 30,000 unless told. A long poll gets its `wait_ms` on top. */
  readonly timeout_ms?: number | undefined;
}

/** A refusal as the server told it; `code` is UNAVAILABLE with `data.is_network` when nothing answered. */
export interface ClientAppError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly issues: readonly Issue[] | undefined;
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** What a call may last beyond the wait it asked the server for. */
const LONGEST_WAIT_MS = 60_000;

/** Calls that wait, or take a whole file. */
const LONG: ReadonlySet<string> = new Set(['jobs.claim', 'publishing.publications.importCsv', 'publishing.clips.importCsv']);

type FetchInput = Parameters<typeof globalThis.fetch>[0];

function timed(fetchFn: typeof globalThis.fetch, ms: number) {
  return (input: FetchInput, init?: RequestInit | { signal?: AbortSignal | undefined }): Promise<Response> => {
    const limit = AbortSignal.timeout(ms);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    return fetchFn(input, { ...(init as RequestInit), signal });
  };
}

/**
 * The typed client for Node. Mutations go one per request, so that a slow one delays no other; queries of the same turn
 * share one. Nothing is retried: the caller knows what may be repeated. Subscriptions reconnect and resume by themselves.
 */
export function createClient(options: ClientOptions): Client {
  const url = `${options.url.replace(/\/+$/, '')}/trpc`;
  const base = options.fetch ?? globalThis.fetch;
  const authorization: Record<string, string> = options.key === undefined ? {} : { authorization: `Bearer ${options.key}` };
  const headers = () => authorization;
  const timeoutMs = options.timeout_ms ?? DEFAULT_TIMEOUT_MS;
  const fetchFn = timed(base, timeoutMs);
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          eventSourceOptions: () => ({
            fetch: (input: string | URL, init: object) =>
              base(input, { ...init, headers: { ...('headers' in init ? (init.headers as object) : {}), ...authorization } }),
          }),
        }),
        false: splitLink({
          condition: (operation) => operation.type === 'query',
          true: httpBatchLink({ url, headers, fetch: fetchFn, maxItems: 20, maxURLLength: 8000 }),
          false: splitLink({
            condition: (operation) => LONG.has(operation.path),
            true: httpLink({ url, headers, fetch: timed(base, timeoutMs + LONGEST_WAIT_MS) }),
            false: httpLink({ url, headers, fetch: fetchFn }),
          }),
        }),
      }),
    ],
  });
}

interface RefusalData {
  readonly app_code: ErrorCode;
  readonly issues?: readonly Issue[];
  readonly data?: Readonly<Record<string, unknown>>;
}

function isRefusalData(value: unknown): value is RefusalData {
  return typeof value === 'object' && value !== null && 'app_code' in value && typeof value.app_code === 'string';
}

/** The refusal behind an error of a client call; null for anything else, a bug included. */
export function appErrorOf(error: unknown): ClientAppError | null {
  if (!(error instanceof TRPCClientError)) return null;
  const data: unknown = error.data;
  if (isRefusalData(data)) return { code: data.app_code, message: error.message, issues: data.issues, data: data.data };
  return { code: 'UNAVAILABLE', message: `The server did not answer: ${error.message}`, issues: undefined, data: { is_network: true } };
}

export function isAppError(error: unknown, code?: ErrorCode): boolean {
  const refusal = appErrorOf(error);
  return refusal !== null && (code === undefined || refusal.code === code);
}
