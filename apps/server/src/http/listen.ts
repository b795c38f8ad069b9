import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { refusalAnswer } from '@tidemark/api/server';
import { AppError } from '@tidemark/core/errors';
import type { Hono } from 'hono';
import type { HttpBindings } from '@hono/node-server';

// Slow senders are cut off; answers may take as long as a long poll or a stream does.
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 20_000,
  maxHeaderSize: 16_384,
};
const MAX_HEADERS = 100;
const MAX_CONNECTIONS = 10_000;

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

/** Starts to listen. @throws with a sentence when the address cannot be had. */
export async function listen(app: Hono<{ Bindings: HttpBindings }>, host: string, port: number): Promise<Listener> {
  const errorHandler = (error: unknown): Response => {
    if (!(error instanceof RequestError)) throw error;
    return refusalAnswer(new AppError('VALIDATION', 'This is not a request that can be understood; look at its Host header and its path.'));
  };
  const answer = getRequestListener((request, env) => app.fetch(request, env), { errorHandler });
  const server = createServer(LIMITS, (incoming, outgoing) => void answer(incoming, outgoing));
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
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
