import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';

const SHOP = '<!doctype html><title>Shop</title><h1>Welcome</h1><button onclick="document.title=1">Sign in</button>';
const DIALOGS = '<!doctype html><title>Noise</title><script>for (;;) alert("again")</script>';
/** A hundred megabytes of nothing; a hundred of them are the bomb of 10 GB. */
const PACKED = gzipSync(Buffer.alloc(100_000_000), { level: 9 });
const BOMB_MEMBERS = 100;

/** Resolves when there is room for more, or nobody to send it to. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

async function sendBomb(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-encoding': 'gzip' });
  for (let member = 0; member < BOMB_MEMBERS && !response.destroyed; member += 1) {
    if (!response.write(PACKED)) await drained(response);
  }
  response.end();
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const timer = setInterval(() => response.write('.'), 1000);
  response.once('close', () => clearInterval(timer));
}

/** Pages to monitor: one that works, and every way of not working. Closed with everything that hangs on it. */
export class Targets implements AsyncDisposable {
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #silent = createTcpServer();
  readonly #open = new Set<{ destroy(): unknown }>();
  /** Requests that hang until `release`. */
  readonly #held: ServerResponse[] = [];
  readonly asked: string[] = [];
  url = '';
  /** Accepts connections and says nothing. */
  silentUrl = '';
  /** Speaks HTTP where TLS is expected. */
  tlsUrl = '';

  static async open(): Promise<Targets> {
    const targets = new Targets();
    for (const server of [targets.#server, targets.#silent]) {
      server.on('connection', (socket) => {
        targets.#open.add(socket);
        socket.on('error', () => undefined).on('close', () => targets.#open.delete(socket));
      });
    }
    const port = await listen(targets.#server);
    targets.url = `http://127.0.0.1:${port}`;
    targets.tlsUrl = `https://127.0.0.1:${port}`;
    targets.silentUrl = `http://127.0.0.1:${await listen(targets.#silent)}`;
    return targets;
  }

  /** Lets the requests for `/held` end. */
  release(): void {
    for (const response of this.#held.splice(0)) response.end('ok');
  }

  get held(): number {
    return this.#held.length;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    this.asked.push(path);
    response.on('error', () => undefined);
    switch (path.split('?')[0]) {
      case '/':
        return void response.writeHead(200, { 'content-type': 'text/html' }).end(SHOP);
      case '/json':
        return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"user":{"id":7}}');
      case '/dialogs':
        return void response.writeHead(200, { 'content-type': 'text/html' }).end(DIALOGS);
      case '/redirect':
        return void response.writeHead(302, { location: `/redirect?n=${this.asked.length}` }).end();
      case '/bomb':
        return void sendBomb(response);
      case '/drip':
        return drip(response);
      case '/long':
        return void response.end(`${'a'.repeat(60_000)}!`);
      case '/held':
        return void this.#held.push(response);
      default:
        return void response.writeHead(404).end('no such page');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await Promise.all([this.#server, this.#silent].map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
