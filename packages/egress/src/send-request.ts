import type { Readable } from 'node:stream';
import { Client, errors } from 'undici';
import { EgressError } from './errors.ts';
import { flattenHeaders, type Headers, keepHarmless, MAX_HEADER_BYTES, prepareHeaders, withoutBodyHeaders } from './headers.ts';
import { openTarget, type Surroundings, type Target } from './open-target.ts';
import { parseTarget } from './parse-target.ts';
import { type Phases, Stopwatch } from './phases.ts';
import { type ReadBody, readBody } from './read-body.ts';

const MAX_REDIRECTS = 5;
const DEFAULT_BODY_BYTES = 1_048_576;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export interface EgressRequest {
  url: string;
  method?: string | undefined;
  headers?: Readonly<Headers> | undefined;
  body?: string | Uint8Array | undefined;
  /** For everything, redirects included. */
  timeout_ms: number;
  /** `return` answers with the redirect itself. */
  redirects?: 'follow' | 'return' | undefined;
  /** How much of the body is kept, counted after unpacking; default 1 MiB. */
  max_body_bytes?: number | undefined;
}

export interface EgressResponse extends ReadBody {
  status: number;
  headers: Headers;
  /** Where the answer came from, after redirects. */
  url: string;
  redirect_count: number;
  phases: Phases;
  duration_ms: number;
  tls_days_left: number | null;
}

interface Hop {
  url: string;
  method: string;
  headers: Headers;
  body: string | Uint8Array | null;
}

/** An answer whose body is still to be read. */
interface OpenHop extends Pick<EgressResponse, 'status' | 'headers' | 'tls_days_left'> {
  body: Readable;
  /** Empty for plain. */
  encoding: string;
  target: Target;
  close(): Promise<void>;
}

/** An answer whose body comes as it is read, as it was sent: nothing is unpacked, and nobody counts. */
export interface EgressStream extends Pick<EgressResponse, 'status' | 'headers' | 'url' | 'redirect_count'> {
  body: AsyncIterable<Buffer>;
  close(): Promise<void>;
}

interface Exchange {
  surroundings: Surroundings;
  watch: Stopwatch;
}

/** One request with its redirects; each hop is checked and connected anew. @throws EgressError, never anything else */
export async function sendRequest(request: EgressRequest, surroundings: Surroundings, signal?: AbortSignal): Promise<EgressResponse> {
  const watch = new Stopwatch(request.timeout_ms, signal);
  return told(watch, async () => {
    const { hop, count, answer } = await follow(request, { surroundings, watch });
    const { status, headers, tls_days_left, body, encoding, target } = answer;
    try {
      const read = await watch.run('download_ms', target.host, (ended) => {
        ended.addEventListener('abort', () => body.destroy(), { once: true });
        return readBody(body, encoding, request.max_body_bytes ?? DEFAULT_BODY_BYTES);
      });
      const { phases, duration_ms } = watch;
      return { status, headers, tls_days_left, ...read, url: hop.url, redirect_count: count, phases, duration_ms };
    } catch (error) {
      throw nameHop(error, hop.url, count);
    } finally {
      await answer.close();
    }
  });
}

/** The same up to the headers, for which alone `timeout_ms` holds; then the signal alone ends it. @throws EgressError */
export async function openStream(request: EgressRequest, surroundings: Surroundings, signal: AbortSignal): Promise<EgressStream> {
  const watch = new Stopwatch(request.timeout_ms, signal);
  return told(watch, async () => {
    const { hop, count, answer } = await follow(request, { surroundings, watch });
    const { status, headers, body, close } = answer;
    // Told to whoever reads it, and to nobody when nobody does.
    body.on('error', () => undefined);
    const stop = (): void => void body.destroy(new EgressError('aborted', `the request to ${answer.target.host} was given up`));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    return {
      status,
      headers,
      url: hop.url,
      redirect_count: count,
      body: body as AsyncIterable<Buffer>,
      close: () => {
        signal.removeEventListener('abort', stop);
        return close();
      },
    };
  });
}

async function told<Result>(watch: Stopwatch, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const failure = error instanceof EgressError ? error : new EgressError('protocol', 'the exchange failed', { cause: error });
    failure.phases = watch.phases;
    throw failure;
  }
}

async function follow(request: EgressRequest, exchange: Exchange): Promise<{ hop: Hop; count: number; answer: OpenHop }> {
  let hop: Hop = firstHop(request);
  for (let count = 0; ; count += 1) {
    const answer = await openHop(hop, exchange).catch((error: unknown) => {
      throw nameHop(error, hop.url, count);
    });
    const location = answer.headers['location'];
    const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined;
    if (!isRedirect || request.redirects === 'return') return { hop, count, answer };
    await answer.close();
    if (count >= MAX_REDIRECTS) throw new EgressError('redirect', `more than ${MAX_REDIRECTS} redirects, the last one from ${hop.url}`);
    hop = nextHop(hop, answer.status, location);
  }
}

function firstHop({ url, method = 'GET', headers = {}, body }: EgressRequest): Hop {
  const upper = method.toUpperCase();
  if (!METHODS.has(upper)) throw new EgressError('invalid', `the method must be one of ${[...METHODS].join(', ')}`);
  if (body !== undefined && (upper === 'GET' || upper === 'HEAD')) throw new EgressError('invalid', `a ${upper} request has no body`);
  return { url, method: upper, headers: prepareHeaders(headers), body: body ?? null };
}

/** Hides what a query may carry: the address of a hop ends up in messages. */
const shown = (url: URL): string => `${url.origin}${url.pathname}`.slice(0, 300);

function nameHop(error: unknown, url: string, count: number): unknown {
  if (count === 0 || !(error instanceof EgressError)) return error;
  const parsed = URL.parse(url);
  const text = error.message.replace(/^egress: /, '');
  return new EgressError(error.code, `${text} (redirect ${count}${parsed === null ? '' : `, to ${shown(parsed)}`})`, { cause: error });
}

function nextHop(hop: Hop, status: number, location: string): Hop {
  const from = new URL(hop.url);
  const to = URL.parse(location, hop.url);
  if (to === null) throw new EgressError('redirect', `${from.host} redirects to something that is not a URL`);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new EgressError('redirect', `${from.host} redirects from https to http (${shown(to)})`);
  }
  const isSame = to.origin === from.origin;
  const becomesGet = (status === 303 && hop.method !== 'HEAD') || (status <= 302 && hop.method === 'POST');
  if (!becomesGet && !isSame && hop.body !== null) {
    throw new EgressError('redirect', `${from.host} redirects the request's body to another host (${to.host})`);
  }
  const headers = isSame ? hop.headers : keepHarmless(hop.headers);
  if (!becomesGet) return { ...hop, url: to.href, headers };
  return { url: to.href, method: 'GET', headers: withoutBodyHeaders(headers), body: null };
}

async function openHop(hop: Hop, { surroundings, watch }: Exchange): Promise<OpenHop> {
  const { url, target } = parseTarget(hop.url);
  const { socket, tls_days_left } = await openTarget(target, surroundings, watch);
  const client = new Client(url.origin, {
    // Not at once: the client looks for work again only when the answer comes later.
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The stopwatch has the say over time.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const close = async (): Promise<void> => {
    socket.destroy();
    // What is in flight ends with the socket: there is nobody left to tell.
    await client.destroy().catch(() => undefined);
  };
  try {
    const path = `${url.pathname}${url.search}`;
    const { method, headers, body } = hop;
    const answer = await watch
      .run('ttfb_ms', target.host, (signal) => client.request({ path, method, headers, body, signal }))
      .catch((error: unknown) => failExchange(error, target));
    // Before anybody reads it, it may already break off.
    answer.body.on('error', () => undefined);
    const flat = flattenHeaders(answer.headers);
    const encoding = method === 'HEAD' ? '' : (flat['content-encoding'] ?? '');
    return { status: answer.statusCode, headers: flat, tls_days_left, body: answer.body, encoding, target, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function failExchange(error: unknown, { host, port }: Target): never {
  if (error instanceof EgressError) throw error;
  const name = `${host}:${port}`;
  const words =
    error instanceof errors.HeadersOverflowError
      ? `${name} sent headers larger than ${MAX_HEADER_BYTES} bytes`
      : error instanceof errors.HTTPParserError
        ? `${name} does not answer in HTTP/1.1`
        : error instanceof errors.SocketError
          ? `${name} closed the connection before it answered`
          : error instanceof errors.InvalidArgumentError
            ? 'the request has characters that HTTP cannot carry'
            : `${name} broke off the exchange`;
  throw new EgressError(error instanceof errors.InvalidArgumentError ? 'invalid' : 'protocol', words, { cause: error });
}
