import { isTrackedEnvelope } from '@trpc/server';
import { errorBody, refusalOf } from '../errors.ts';
import type { ApiContext } from '../trpc.ts';

const KEEPALIVE_MS = 15_000;
const IDLE_MS = 300_000;
const RETRY_HINT_MS = 2000;
/** Unsent bytes at which the source is left waiting; its own bounded queue then decides that the reader lags. */
const HIGH_WATER_BYTES = 65_536;
/** A reader that takes nothing for this long is dropped; it resumes by its last event id. */
const STALLED_MS = 60_000;

const utf8 = new TextEncoder();
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
/** Events about the stream itself carry an SSE event name; all others are plain messages. */
const NAMED = new Set(['gap', 'lagged']);

function frame(item: unknown): string {
  const [id, data] = isTrackedEnvelope(item) ? [item[0], item[1]] : [null, item];
  const type = typeof data === 'object' && data !== null && 'type' in data ? data.type : undefined;
  const name = typeof type === 'string' && NAMED.has(type) ? `event: ${type}\n` : '';
  return `${id === null ? '' : `id: ${id}\n`}${name}data: ${JSON.stringify(data)}\n\n`;
}

/** Copies events into one response: one write per turn of the event loop, keep-alives, an end when nothing happens. */
class LiveBody {
  readonly #end = new AbortController();
  readonly #ctx: ApiContext;
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #pending = `retry: ${RETRY_HINT_MS}\n\n`;
  #isFlushing = false;
  #onDrained: (() => void) | null = null;
  #lastEventAt = performance.now();
  #lastTakenAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(ctx: ApiContext) {
    this.#ctx = ctx;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#lastTakenAt = performance.now();
          this.#onDrained?.();
        },
        cancel: () => {
          this.#controller = null;
          this.close();
        },
      },
      { highWaterMark: HIGH_WATER_BYTES, size: (chunk) => chunk.byteLength },
    );
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Ends the response once what is pending is written; aborts the source. */
  close(): void {
    if (this.#end.signal.aborted) return;
    clearInterval(this.#timer);
    this.#flush();
    this.#end.abort();
    this.#onDrained?.();
    this.#controller?.close();
  }

  #flush(): void {
    this.#isFlushing = false;
    if (this.#pending === '' || this.#end.signal.aborted) return;
    this.#controller?.enqueue(utf8.encode(this.#pending));
    this.#pending = '';
  }

  #write(text: string): void {
    this.#pending += text;
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => this.#flush());
  }

  #tick(): void {
    const now = performance.now();
    const isStalled = this.#isFull() && now - this.#lastTakenAt > STALLED_MS;
    if (isStalled || now - this.#lastEventAt >= IDLE_MS) this.close();
    else if (!this.#isFull()) this.#write(':\n\n');
  }

  #isFull(): boolean {
    return this.#pending.length + HIGH_WATER_BYTES - (this.#controller?.desiredSize ?? HIGH_WATER_BYTES) >= HIGH_WATER_BYTES;
  }

  async #drained(): Promise<void> {
    if (!this.#isFull()) return;
    this.#flush();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onDrained = resolve;
    if (this.#isFull() && !this.#end.signal.aborted) await promise;
    this.#onDrained = null;
  }

  async run(events: AsyncIterable<unknown>): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), KEEPALIVE_MS);
    this.#flush();
    try {
      for await (const item of events) {
        if (this.#end.signal.aborted) break;
        this.#lastEventAt = performance.now();
        this.#write(frame(item));
        await this.#drained();
      }
    } catch (error) {
      if (!this.#end.signal.aborted) this.#write(`event: error\ndata: ${JSON.stringify(errorBody(refusalOf(error, this.#ctx)))}\n\n`);
    } finally {
      this.close();
    }
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Server-sent events from a subscription. It ends with its client, with the server, and after five minutes without an event. */
export async function liveAnswer(
  ctx: ApiContext,
  gone: AbortSignal,
  subscribe: (signal: AbortSignal) => Promise<unknown>,
): Promise<Response> {
  const body = new LiveBody(ctx);
  const stop = (): void => body.close();
  const unsubscribe = (): void => {
    gone.removeEventListener('abort', stop);
    ctx.draining.removeEventListener('abort', stop);
  };
  gone.addEventListener('abort', stop, { once: true });
  ctx.draining.addEventListener('abort', stop, { once: true });
  body.signal.addEventListener('abort', unsubscribe, { once: true });
  try {
    const events = await subscribe(body.signal);
    if (!isAsyncIterable(events)) throw new Error('a subscription must yield events');
    void body.run(events);
  } catch (error) {
    unsubscribe();
    throw error;
  }
  return new Response(body.stream, { headers: HEADERS });
}
