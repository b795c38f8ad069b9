import { createServer } from 'node:net';
import { once } from 'node:events';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 3000;

export interface ListenAddress {
  port: number;
  /** Where this machine reaches it. */
  url: string;
}

/** The address the server will have. Port 0 becomes a free one here, so that it is known before the server says so. */
export async function listenAddress(env: Readonly<Record<string, string | undefined>>): Promise<ListenAddress> {
  const host = given(env['HOST']) ?? DEFAULT_HOST;
  const asked = Number(given(env['PORT']) ?? DEFAULT_PORT);
  const port = asked === 0 ? await freePort(host) : asked;
  return { port, url: `http://${reachable(host)}:${port}` };
}

/** A variable that is set to nothing is not set. */
function given(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim();
}

function reachable(host: string): string {
  if (host === '0.0.0.0') return DEFAULT_HOST;
  if (host === '::') return '[::1]';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
