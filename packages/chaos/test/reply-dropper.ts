import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that can forward a request and drop its answer: the server did it, and the caller does not know. */
export class ReplyDropper {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  #toDrop = 0;
  #dropped = 0;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#join(socket));
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    return address.port;
  }

  /** Answers dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Drops the next answers, each with its connection. */
  drop(count: number): void {
    this.#toDrop += count;
  }

  heal(): void {
    this.#toDrop = 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1');
    const end = (): void => {
      near.destroy();
      far.destroy();
      this.#sockets.delete(near);
      this.#sockets.delete(far);
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).on('error', end).on('close', end);
    }
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => {
      if (this.#toDrop > 0) {
        this.#toDrop -= 1;
        this.#dropped += 1;
        end();
      } else near.write(chunk);
    });
  }
}
