import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

/**
 * One keep-alive connection with one call at a time, as an agent in a systems language would hold. Node's own clients cost as much
 * as the server they measure, on the same two cores.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #head: string;
  #received: Buffer = Buffer.alloc(0);
  #waiting: { resolve(body: string): void; reject(error: Error): void } | null = null;

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')));
  }

  static async open(url: string, key: string): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new HttpConnection(socket, `Host: ${host}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`);
  }

  /** Posts JSON and answers the parsed body. @throws when the status is not 2xx, or another call is under way. */
  async post<Answer>(path: string, body: unknown): Promise<Answer> {
    if (this.#waiting !== null) throw new Error('a connection takes one call at a time');
    const text = JSON.stringify(body);
    const answer = new Promise<string>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#socket.write(`POST ${path} HTTP/1.1\r\n${this.#head}Content-Length: ${Buffer.byteLength(text)}${END_OF_HEAD}${text}`);
    return JSON.parse(await answer) as Answer;
  }

  close(): void {
    this.#waiting = null;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end === -1) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.#waiting?.reject(new Error(`an answer without a length: ${head}`));
      return;
    }
    const start = end + END_OF_HEAD.length;
    if (this.#received.length < start + Number(length)) return;
    const body = this.#received.toString('utf8', start, start + Number(length));
    this.#received = Buffer.alloc(0);
    const waiting = this.#waiting;
    this.#waiting = null;
    if (head.startsWith('HTTP/1.1 2')) waiting?.resolve(body);
    else waiting?.reject(new Error(`${head.split('\r\n')[0] ?? ''}: ${body.slice(0, 500)}`));
  }
}
