import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { KEY } from './certificates.ts';

/** A server on loopback that counts the connections it got. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  connection_count: number;
}

async function listen(server: Server | TcpServer, scheme: string): Promise<TestServer> {
  const sockets = new Set<Socket>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const running: TestServer = {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    connection_count: 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket: Socket) => {
    running.connection_count += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  return running;
}

export const serveHttp = (handle: RequestListener): Promise<TestServer> => listen(createServer(handle), 'http');

export const serveHttps = (cert: string, handle: RequestListener): Promise<TestServer> =>
  listen(createTlsServer({ cert, key: KEY }, handle), 'https');

export const serveTcp = (handle: (socket: Socket) => void): Promise<TestServer> => listen(createTcpServer(handle), 'tcp');
