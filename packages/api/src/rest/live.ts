import { isTrackedEnvelope } from '@trpc/server';
import { errorBody, refusalOf } from '../errors.ts';
import type { ApiContext } from '../trpc.ts';

/** The times of a live answer, in milliseconds. */
export interface Pace {
  /** Silence after which a comment is sent, so that proxies keep the connection. */
  readonly keepalive_ms: number;
  /** Time without an event after which the answer ends. */
  readonly idle_ms: number;
  /** Time a reader may take nothing while something waits for it; it resumes by its last event id. */
  readonly stalled_ms: number;
}

const PACE: Pace = { keepalive_ms: 15_000, idle_ms: 300_000, stalled_ms: 60_000 };
const RETRY_HINT_MS = 2000;
/** Unsent bytes at which the source is left waiting. It reads on from its position, so nothing piles up meanwhile. */
const HIGH_WATER_BYTES = 65_536;

const utf8 = new TextEncoder();
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

function frame(item: unknown): string {
  const [id, data] = isTrackedEnvelope(item) ? [item[0], item[1]] : [null, item];
  const type = typeof data === 'object' && data !== null && 'type' in data ? data.type : undefined;
  // What is about the stream itself carries a name; all others are plain messages.
  const name = type === 'gap' ? 'event: gap\n' : '';
  return `${id === null ? '' : `id: ${id}\n`}${name}data: ${JSON.stringify(data)}\n\n`;
}

/** Copies events into one response: one write per turn of the event loop, keep-alives, an end when nothing happens. */
class LiveBody {
  readonly #end = new AbortController();
  readonly #ctx: ApiContext;
  readonly #pace: Pace;
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #pending = `retry: ${RETRY_HINT_MS}\n\n`;
  #isFlushing = false;
  #onDrained: (() => void) | null = null;
  #lastEventAt = performance.now();
  #lastTakenAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(ctx: ApiContext, pace: Pace) {
    this.#ctx = ctx;
    this.#pace = pace;
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
    const isStalled = this.#isFull() && now - this.#lastTakenAt >= this.#pace.stalled_ms;
    if (isStalled || now - this.#lastEventAt >= this.#pace.idle_ms) this.close();
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
    if (this.#end.signal.aborted) return;
    this.#timer = setInterval(() => this.#tick(), this.#pace.keepalive_ms);
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

/** Server-sent events from a subscription. It ends with its client (`gone`), with the server, and after five minutes without an event. */
export async function liveAnswer(
  ctx: ApiContext,
  subscribe: (signal: AbortSignal) => Promise<unknown>,
  { gone, pace = PACE }: { gone: AbortSignal; pace?: Pace },
): Promise<Response> {
  const body = new LiveBody(ctx, pace);
  const stop = (): void => body.close();
  for (const end of [gone, ctx.draining]) {
    end.addEventListener('abort', stop, { once: true, signal: body.signal });
    if (end.aborted) stop();
  }
  try {
    const events = await subscribe(body.signal);
    if (!isAsyncIterable(events)) throw new Error('a subscription must yield events');
    void body.run(events);
  } catch (error) {
    stop();
    throw error;
  }
  return new Response(body.stream, { headers: HEADERS });
}
