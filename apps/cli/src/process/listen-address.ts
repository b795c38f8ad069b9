import { once } from 'node:events';
import { createServer } from 'node:net';
import { EXIT } from '../exit-code.ts';
import { CommandError } from '../failure.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 3000;
const MAX_PORT = 65_535;

export interface ListenAddress {
  port: number;
  /** Where this machine reaches it. */
  url: string;
}

/**
 * The address the server will have. Port 0 becomes a free one here, so that it is known before the server says so.
 *
 * @throws when another program has the port: its answers would be taken for those of the server.
 */
export async function listenAddress(env: Readonly<Record<string, string | undefined>>): Promise<ListenAddress> {
  const host = given(env['HOST']) ?? DEFAULT_HOST;
  const asked = Number(given(env['PORT']) ?? DEFAULT_PORT);
  // What is not a port is left to the server, which explains the variable.
  const port = Number.isInteger(asked) && asked >= 0 && asked <= MAX_PORT ? await freePort(host, asked) : asked;
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

async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, host.replace(/^\[(.*)\]$/, '$1'));
    await once(server, 'listening');
  } catch (error) {
    throw listenFailure({ host, port }, error);
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
}

const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program, perhaps another Tidemark, has it. Stop that one, or choose another port with --port or PORT',
  EACCES: 'it is not allowed. Choose a port above 1023 with --port or PORT',
  EADDRNOTAVAIL: 'this machine has no such address. Choose one it has with --host or HOST',
  ENOTFOUND: 'there is no such host. Choose an address of this machine with --host or HOST',
};

function listenFailure(at: { host: string; port: number }, error: unknown): CommandError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return new CommandError({ code: 'CONFLICT', message: `Cannot listen on ${at.host}:${at.port}: ${CURES[code] ?? code}.` }, EXIT.failed);
}
