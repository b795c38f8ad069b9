import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { refusalAnswer } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import type { Hono } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import { withoutBasePath } from '../edge/caller.ts';
import type { Surroundings } from '../edge/caller.ts';
import { limitConnections } from '../edge/connections.ts';
import type { ConnectionLimits } from '../edge/connections.ts';
import { setSecurityHeaders } from '../edge/security-headers.ts';

/** Slow senders are cut off; answers may take as long as a long poll or a stream does. */
export interface Patience {
  readonly headers_ms: number;
  readonly request_ms: number;
  /** How often slow senders are looked for. */
  readonly check_ms: number;
  /** Between two requests. */
  readonly idle_ms: number;
}

export const PATIENCE: Patience = { headers_ms: 10_000, request_ms: 15_000, check_ms: 2000, idle_ms: 20_000 };
const UNCLEAR = new AppError('VALIDATION', 'This is not a request that can be understood; look at its Host header and its path.');
const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly patience: Patience;
  readonly connections: ConnectionLimits;
  readonly surroundings: Surroundings;
}

export interface Listener {
  readonly server: Server;
  readonly port: number;
}

function explain(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new AppError('CONFLICT', `Port ${port} on ${host} is in use. Stop what uses it, or set PORT to another one.`, { cause: error });
  if (code === 'EACCES')
    return new AppError('CONFLICT', `This user may not listen on port ${port}. Set PORT to one above 1023.`, { cause: error });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new AppError('CONFLICT', `HOST=${host} is not an address of this machine.`, { cause: error });
  return error;
}

/** A request must say one name and a path: with two names, or a target of its own, servers in a row disagree about what it means. */
function isPlain({ url, rawHeaders }: IncomingMessage): boolean {
  if (url === undefined || !url.startsWith('/')) return false;
  let names = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = rawHeaders[at];
    if (header !== undefined && header.length === 4 && header.toLowerCase() === 'host') names += 1;
  }
  return names === 1;
}

function refusePlainly(outgoing: ServerResponse): void {
  const { code, message } = UNCLEAR;
  outgoing.writeHead(400, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  outgoing.end(JSON.stringify({ code, message }));
}

/** Starts to listen. @throws with a sentence when the address cannot be had. */
export async function listen(app: Hono<{ Bindings: HttpBindings }>, options: ListenOptions): Promise<Listener> {
  const { host, port, patience, connections, surroundings } = options;
  const errorHandler = (error: unknown): Response => {
    if (!(error instanceof RequestError)) throw error;
    return refusalAnswer(UNCLEAR);
  };
  const answer = getRequestListener((request, env) => app.fetch(request, env), { errorHandler });
  const limits = {
    headersTimeout: patience.headers_ms,
    requestTimeout: patience.request_ms,
    connectionsCheckingInterval: patience.check_ms,
    keepAliveTimeout: patience.idle_ms,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const server = createServer(limits, (incoming, outgoing) => {
    setSecurityHeaders(outgoing);
    if (!isPlain(incoming)) return refusePlainly(outgoing);
    incoming.url = withoutBasePath(incoming.url ?? '/', surroundings.base_path);
    return void answer(incoming, outgoing);
  });
  server.maxHeadersCount = MAX_HEADERS;
  limitConnections(server, connections, surroundings.trusted_proxies);
  server.listen(port, host.replace(/^\[|\]$/g, ''));
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explain(error, host, port);
  }
  return { server, port: (server.address() as AddressInfo).port };
}

/** Stops accepting, lets running answers end, and after `graceMs` cuts what is left. */
export async function stopListening(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // Connections that fall idle while others finish.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearTimeout(cut);
  clearInterval(sweep);
}
