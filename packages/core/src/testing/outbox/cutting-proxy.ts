import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that loses its callers at an instant: whatever is under way then, and whatever is tried afterwards. */
export class CuttingProxy implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  readonly #step: () => boolean;
  #isCut = false;

  /** `step` is asked before each piece is handed on, of a request or an answer: true cuts there, and the piece is lost. */
  constructor(url: string, step: () => boolean) {
    this.#target = new URL(url);
    this.#step = step;
  }

  /** The same address by way of this proxy. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    return url.href;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect(Number(this.#target.port || 5432), this.#target.hostname);
    const end = (): void => {
      for (const socket of [near, far]) {
        socket.destroy();
        this.#sockets.delete(socket);
      }
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).on('error', end).on('close', end);
    }
    if (this.#isCut) return end();
    const hand = (chunk: Buffer, to: Socket): void => {
      if (!this.#isCut && this.#step()) this.cut();
      if (!this.#isCut) to.write(chunk);
    };
    near.on('data', (chunk: Buffer) => hand(chunk, far));
    far.on('data', (chunk: Buffer) => hand(chunk, near));
  }
}
