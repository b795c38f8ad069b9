import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const DEADLINE_MS = 120_000;

/** A connection whose bytes a test writes itself. */
export class RawSocket {
  readonly socket: Socket;
  received = '';
  /** Resolves with everything received once the server has closed. */
  readonly closed: Promise<string>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
    });
    socket.on('error', () => undefined);
    const timer = setTimeout(() => socket.destroy(), DEADLINE_MS);
    this.closed = new Promise((resolve, reject) => {
      socket.once('close', () => {
        clearTimeout(timer);
        if (socket.bytesRead === 0 && !socket.readableEnded && !socket.destroyed) reject(new Error('the server never closed'));
        else resolve(this.received);
      });
    });
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const raw = new RawSocket(connect(Number(port), hostname));
    await once(raw.socket, 'connect');
    return raw;
  }

  write(text: string): void {
    if (this.socket.writable) this.socket.write(text, 'latin1');
  }
}

/** Sends bytes as they are on a connection of its own and answers with everything the server said before it closed. */
export async function exchange(url: string, text: string): Promise<string> {
  const raw = await RawSocket.open(url);
  raw.write(text);
  return raw.closed;
}
