import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

interface Chunk {
  chunk: Uint8Array;
}

/**
 * The "socket" of a pg client whose server is a thread: protocol bytes out, protocol bytes in. What the client writes in one
 * go (parse, bind, describe, execute, sync) travels as one message: 6× the calls per second of one message each.
 */
export class ProtocolStream extends Duplex {
  readonly #connect: () => MessagePort;
  #port: MessagePort | null = null;

  /** `connect` opens the channel when the client asks for it, and throws when there is no thread to talk to. */
  constructor(connect: () => MessagePort) {
    super({ allowHalfOpen: false });
    this.#connect = connect;
  }

  // What pg calls on a socket.
  connect(): void {
    try {
      const port = this.#connect();
      this.#port = port;
      port.on('message', (bytes: Uint8Array) => this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
      process.nextTick(() => this.emit('connect'));
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error('no database thread', { cause: error }));
    }
  }
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send([{ chunk }]);
    done();
  }

  override _writev(chunks: Chunk[], done: (error?: Error) => void): void {
    this.#send(chunks);
    done();
  }

  override _final(done: () => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#port?.close();
    this.#port = null;
    done(error);
  }

  /** Copied into a buffer of exactly their size: a view of Node's shared pool would be sent with the whole pool. */
  #send(chunks: readonly Chunk[]): void {
    const message = new Uint8Array(chunks.reduce((total, { chunk }) => total + chunk.length, 0));
    let offset = 0;
    for (const { chunk } of chunks) {
      message.set(chunk, offset);
      offset += chunk.length;
    }
    this.#port?.postMessage(message);
  }
}
