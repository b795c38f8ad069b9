import { createServer, type Server } from 'node:net';

/** Hosts of this machine and its neighbourhood, in every spelling that some parser has taken for something else. */
export const INSIDE_HOSTS: readonly string[] = [
  '127.0.0.1',
  '127.0.0.2',
  '127.255.255.254',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0x7f.1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.01',
  '0',
  '0.0.0.0',
  '0x0',
  '127.0.0.1.',
  '127。0。0。1',
  '１２７.0.0.1',
  '①②⑦.⓪.⓪.①',
  '%31%32%37.0.0.1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'sub.localhost',
  'a.b.localhost.',
  'ip6-localhost',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::0001]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:0:0:0:0:80ff:fffe]',
  '[fe80::1]',
  '[fe90::1]',
  '[fec0::1]',
  '[fd00::1]',
  '[ff02::1]',
  '[::ffff:10.0.0.1]',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '169.254.0.1',
  '169.254.169.254',
  '[fd00:ec2::254]',
  '[::ffff:169.254.169.254]',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  'metadata.google.internal',
  'metadata.google.internal.',
  'metadata',
];

/** URLs that are no plain http or https, or hide their host. */
export function oddTargets(port: number): string[] {
  return [
    `http://good.example@127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}@127.0.0.1:${port}/`,
    `http:\\\\127.0.0.1:${port}\\`,
    `http:///127.0.0.1:${port}/`,
    `ftp://127.0.0.1:${port}/`,
    `gopher://127.0.0.1:${port}/_GET`,
    `ws://127.0.0.1:${port}/`,
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:1',
    `//127.0.0.1:${port}/`,
  ];
}

/** A listener on every address of this machine that counts who comes. */
export interface Canary extends AsyncDisposable {
  readonly port: number;
  connection_count: number;
}

export async function openCanary(): Promise<Canary> {
  const server: Server = createServer((socket) => {
    canary.connection_count += 1;
    socket.destroy();
  });
  const canary = {
    port: 0,
    connection_count: 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  // Both families: `::` takes IPv4 as well.
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  const address = server.address();
  canary.port = typeof address === 'object' && address !== null ? address.port : 0;
  return canary;
}
