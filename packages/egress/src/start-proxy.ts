import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Egress } from './create-egress.ts';
import { EgressError } from './errors.ts';

const CONNECT_MS = 15_000;
const MAX_SOCKETS = 200;
/** Marks the proxy's own answers. **Source:** RFC 9209. */
export const PROXY_STATUS = 'proxy-status';
const HOP_HEADERS = new Set(['connection', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'upgrade']);

export interface ProxyOptions {
  egress: Egress;
  /** Everything the proxy carries, both ways; at the limit it closes all. */
  max_bytes: number;
  onRefused(error: EgressError): void;
}

export interface RunningProxy {
  url: string;
  close(): Promise<void>;
}

/**
 * A proxy on loopback for programs that open their own connections, such as a browser: each one is asked of the policy and goes
 * to the checked address, whatever the page did to get there.
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const sockets = new Set<Duplex>();
  let bytes = 0;
  const track = <S extends Duplex>(socket: S): S => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
    return socket;
  };
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= options.max_bytes) return;
    options.onRefused(new EgressError('body', `more than ${options.max_bytes} bytes were exchanged`));
    for (const socket of sockets) socket.destroy();
  };
  const open = async (host: string, port: number): Promise<Socket> => {
    if (bytes > options.max_bytes) throw new EgressError('body', 'too much was exchanged before');
    const { socket } = await options.egress.connect({ host, port, timeout_ms: CONNECT_MS });
    return track(socket.on('data', count));
  };
  const server = createServer((request, response) => void forward(request, response, { ...options, open }));
  server.maxConnections = MAX_SOCKETS;
  server.on('connection', (socket) => track(socket));
  server.on('connect', (request, client) => void tunnel(request, client, { ...options, open }));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Ways extends ProxyOptions {
  open(host: string, port: number): Promise<Socket>;
}

function tell(error: unknown, { onRefused }: Ways): EgressError {
  const failure = error instanceof EgressError ? error : new EgressError('protocol', 'the exchange failed', { cause: error });
  onRefused(failure);
  return failure;
}

async function tunnel(request: IncomingMessage, client: Duplex, ways: Ways): Promise<void> {
  try {
    const url = ways.egress.checkUrl(`https://${request.url ?? ''}/`);
    const upstream = await ways.open(url.hostname, url.port === '' ? 443 : Number(url.port));
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
    upstream.pipe(client);
    client.pipe(upstream);
  } catch (error) {
    tell(error, ways);
    client.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  }
}

async function forward(request: IncomingMessage, response: ServerResponse, ways: Ways): Promise<void> {
  const refuse = (error: unknown): void => {
    const failure = tell(error, ways);
    if (response.headersSent) response.destroy();
    else {
      const status = failure.code === 'denied' || failure.code === 'invalid' ? 403 : 502;
      response.writeHead(status, { connection: 'close', [PROXY_STATUS]: 'tidemark', 'content-type': 'text/plain' }).end(failure.message);
    }
  };
  try {
    const url = ways.egress.checkUrl(request.url ?? '');
    if (url.protocol !== 'http:') throw new EgressError('invalid', 'only http is forwarded; https is tunnelled');
    const socket = await ways.open(url.hostname, url.port === '' ? 80 : Number(url.port));
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !HOP_HEADERS.has(name)));
    const upstream = requestHttp({
      createConnection: () => socket,
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, connection: 'close' },
      setHost: false,
    });
    upstream.on('error', refuse);
    upstream.on('response', (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => !HOP_HEADERS.has(name) && name !== PROXY_STATUS);
      response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    response.once('close', () => socket.destroy());
    request.pipe(upstream);
  } catch (error) {
    refuse(error);
  }
}
