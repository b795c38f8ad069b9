/** One frame of a text/event-stream, comments left out. */
export interface Frame {
  readonly id: string | null;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

function frameOf(block: string): Frame | null {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(':'))
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
  );
  const data = fields.get('data');
  return data === undefined
    ? null
    : { id: fields.get('id') ?? null, event: fields.get('event') ?? 'message', data: JSON.parse(data) as Record<string, unknown> };
}

/** Reads server-sent events as they are on the wire. */
export class LiveReader implements AsyncDisposable {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #frames: Frame[] = [];
  #rest = '';
  /** Everything received, comments and hints included. */
  received = '';

  private constructor(response: Response, reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.response = response;
    this.#reader = reader;
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<LiveReader> {
    const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers } });
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error('no body');
    return new LiveReader(response, reader);
  }

  /** The next frame; null at the end of the stream. Fails after ten seconds. */
  async next(): Promise<Frame | null> {
    while (this.#frames.length === 0) {
      const deadline = Promise.withResolvers<never>();
      const timer = setTimeout(() => deadline.reject(new Error(`no event; so far: ${this.received}`)), 60_000);
      const { done, value } = await Promise.race([this.#reader.read(), deadline.promise]).finally(() => clearTimeout(timer));
      if (done) return null;
      this.#take(this.#decoder.decode(value, { stream: true }));
    }
    return this.#frames.shift() ?? null;
  }

  /** Frames up to and including the first that fits. */
  async until(fits: (frame: Frame) => boolean): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame === null) throw new Error(`the stream ended first: ${this.received}`);
      frames.push(frame);
      if (fits(frame)) return frames;
    }
  }

  #take(text: string): void {
    this.received += text;
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const frame = frameOf(block);
      if (frame !== null) this.#frames.push(frame);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }
}
