import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * A TCP relay in front of a local port whose network can be cut: open connections break, new ones are refused; or lead nowhere, also
 * when others lead on again.
 */
export class Relay {
  #server: Server;
  #sockets = new Set<Socket>();
  #isCut = false;
  #onSwallowed: ((request: string) => void) | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(port: number): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (client) => relay.#join(client, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Open connections break; new ones are taken, and nothing ever comes back on them. Resolves once a request like this was swallowed. */
  silence(like: RegExp): Promise<void> {
    const swallowed = new Promise<void>((resolve) => {
      this.#onSwallowed = (request) => (like.test(request) ? resolve() : undefined);
    });
    for (const socket of this.#sockets) socket.destroy();
    return swallowed;
  }

  restore(): void {
    this.#isCut = false;
    this.#onSwallowed = null;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, port: number): void {
    if (this.#isCut) {
      client.destroy();
      return;
    }
    if (this.#onSwallowed !== null) {
      this.#sockets.add(client);
      client.on('data', (chunk: Buffer) => this.#onSwallowed?.(chunk.toString('latin1')));
      client.on('error', () => client.destroy()).on('close', () => this.#sockets.delete(client));
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
