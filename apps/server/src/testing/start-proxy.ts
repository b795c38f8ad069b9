import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

export interface TestProxy extends AsyncDisposable {
  readonly url: string;
}

/** A reverse proxy as people put one in front: it takes its prefix off and tells who called. */
export async function startProxy(target: string, { prefix }: { prefix: string }): Promise<TestProxy> {
  const upstream = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    if (!path.startsWith(`${prefix}/`)) return void outgoing.writeHead(404).end();
    const headers = {
      ...incoming.headers,
      'x-forwarded-for': incoming.socket.remoteAddress,
      'x-forwarded-proto': 'http',
      'x-forwarded-host': incoming.headers.host,
      'x-forwarded-prefix': prefix,
    };
    const forwarded = { host: upstream.hostname, port: upstream.port, method: incoming.method, path: path.slice(prefix.length), headers };
    const call = httpRequest(forwarded, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      pipeline(response, outgoing, () => undefined);
    });
    call.on('error', () => outgoing.destroy());
    outgoing.on('close', () => call.destroy());
    pipeline(incoming, call, () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
