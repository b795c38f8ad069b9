import { once } from 'node:events';
import { tracked } from '@trpc/server';
import { AppError } from '@tidemark/core/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestCore } from '../testing/open-test-core.ts';
import type { TestCore } from '../testing/open-test-core.ts';
import { liveAnswer } from './live.ts';
import type { Pace } from './live.ts';

let test: TestCore;

beforeAll(async () => {
  test = await openTestCore();
});
afterAll(() => test[Symbol.asyncDispose]());

const CALM: Pace = { keepalive_ms: 60_000, idle_ms: 600_000, stalled_ms: 600_000 };

/** Yields nothing and ends with the signal. */
async function* silence(signal: AbortSignal): AsyncGenerator<string> {
  if (!signal.aborted) await once(signal, 'abort');
  yield* [];
}

function open(
  source: (signal: AbortSignal) => AsyncIterable<unknown>,
  options: { pace?: Pace; gone?: AbortSignal } = {},
): Promise<Response> {
  return liveAnswer(test.context('viewer'), (signal) => Promise.resolve(source(signal)), {
    gone: options.gone ?? new AbortController().signal,
    pace: options.pace ?? CALM,
  });
}

describe('a live answer', () => {
  it('writes each event with its id, and names those about the stream', async () => {
    const response = await open(async function* events() {
      yield tracked('a.1', { id: 'a.1', type: 'gap' });
      yield tracked('a.2', { id: 'a.2', type: 'output', text: 'two\nlines' });
    });
    const text = await response.text();
    expect(text).toBe(
      'retry: 2000\n\nid: a.1\nevent: gap\ndata: {"id":"a.1","type":"gap"}\n\nid: a.2\ndata: {"id":"a.2","type":"output","text":"two\\nlines"}\n\n',
    );
  });

  it('sends comments while nothing happens, and ends when that lasts', async () => {
    const ended = Promise.withResolvers<void>();
    const source = async function* source(signal: AbortSignal): AsyncGenerator<string> {
      yield* silence(signal);
      ended.resolve();
    };
    const response = await open(source, { pace: { keepalive_ms: 20, idle_ms: 2000, stalled_ms: 10_000 } });
    const text = await response.text();
    expect(text).toMatch(/^retry: 2000\n\n(:\n\n)+$/);
    await ended.promise;
  });

  it('leaves its source waiting while the reader takes nothing, and loses nothing', async () => {
    let made = 0;
    const total = 5000;
    const response = await open(async function* flood() {
      for (; made < total; made += 1) yield tracked(`a.${made}`, { id: `a.${made}`, text: 'x'.repeat(1000) });
    });
    const reader = response.body?.getReader();
    await reader?.read();
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThan(500);
    let text = '';
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += Buffer.from(part.value).toString();
    expect(text.match(/^id: /gm)).toHaveLength(total);
  });

  it('drops a reader that has taken nothing for too long', async () => {
    const ended = Promise.withResolvers<void>();
    await open(
      async function* flood(signal) {
        try {
          while (!signal.aborted) yield { text: 'x'.repeat(10_000) };
        } finally {
          ended.resolve();
        }
      },
      { pace: { keepalive_ms: 20, idle_ms: 600_000, stalled_ms: 60 } },
    );
    await ended.promise;
  });

  it.each(['the reader cancels', 'the connection is lost'])('ends its source when %s', async (how) => {
    const ended = Promise.withResolvers<void>();
    const gone = new AbortController();
    const source = async function* source(signal: AbortSignal): AsyncGenerator<string> {
      yield* silence(signal);
      ended.resolve();
    };
    const response = await open(source, { gone: gone.signal });
    if (how === 'the reader cancels') await response.body?.cancel();
    else gone.abort();
    await ended.promise;
  });

  it('tells a refusal that comes later, and nothing of a bug', async () => {
    const refused = await open(async function* source() {
      yield { type: 'first' };
      throw new AppError('NOT_FOUND', 'It was deleted.');
    });
    expect(await refused.text()).toContain('event: error\ndata: {"code":"NOT_FOUND","message":"It was deleted."}');
    const broken = await open(async function* source() {
      yield { type: 'first' };
      throw new Error('secret of the database');
    });
    const text = await broken.text();
    expect(text).toContain('INTERNAL');
    expect(text).not.toContain('secret');
  });
});
