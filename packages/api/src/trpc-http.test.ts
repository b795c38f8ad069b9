import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestCore } from './testing/open-test-core.ts';
import type { TestCore } from './testing/open-test-core.ts';
import { handleTrpc } from './trpc-http.ts';

const ROWS = 250;

describe('an export over tRPC that is broken off', () => {
  let test: TestCore;
  beforeAll(async () => {
    test = await openTestCore();
    const caller = test.caller('operator');
    const video = await caller.publishing.videos.create({ title: 'Rope splicing' });
    const clip = await caller.publishing.clips.create({ video_id: video.id, title: 'Close-up' });
    const one = { clip_id: clip.id, platform: 'tiktok', social_account_id: 'acme' };
    await caller.publishing.publications.createMany({ items: Array.from({ length: ROWS }, () => one) });
  });
  afterAll(() => test[Symbol.asyncDispose]());

  /** What a reader gets who takes a piece now and then, of a server that is about to stop. */
  async function read(pieces: number): Promise<string> {
    const draining = AbortSignal.abort();
    const request = new Request('http://127.0.0.1/trpc/publishing.publications.exportCsv?input=%7B%7D');
    const response = await handleTrpc(request, { ...test.context('viewer'), draining });
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let count = 0; count < pieces; count += 1) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += value;
      await turn();
    }
    await reader.cancel();
    return text;
  }

  it('tells a slow reader so, and leaves no rejection to nobody, also when the reader leaves before', async () => {
    const stray: unknown[] = [];
    const onStray = (reason: unknown): void => void stray.push(reason);
    process.on('unhandledRejection', onStray);
    try {
      const whole = await read(1000);
      expect(whole).toContain('clip_id,platform');
      expect(whole).toContain('event: serialized-error');
      expect(whole).toContain('broken off before its end');
      for (let pieces = 1; pieces < 12; pieces += 1) await read(pieces);
      await turn();
    } finally {
      process.off('unhandledRejection', onStray);
    }
    expect(stray).toEqual([]);
  });
});
