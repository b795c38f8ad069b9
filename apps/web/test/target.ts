import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What monitors of a test ask: an address of our own whose answers a test decides, and that can be made to wait. */
export class Target implements AsyncDisposable {
  status = 200;
  #server: Server;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Target> {
    const server = createServer();
    const target = new Target(server);
    server.on('request', (request, response) => void target.#answer(request.url ?? '/', response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on no answer leaves until `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open();
    this.#gate = Promise.resolve();
  }

  async #answer(path: string, response: import('node:http').ServerResponse): Promise<void> {
    if (path.startsWith('/held')) await this.#gate;
    const isHtml = path.startsWith('/page');
    response.writeHead(this.status, { 'content-type': isHtml ? 'text/html' : 'application/json' });
    response.end(isHtml ? '<h1>Shop</h1><p id="out">Closed for today</p>' : JSON.stringify({ ok: this.status === 200, user: { id: 7 } }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
