import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEvent } from '../events/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { MissedNews } from './missed-news.ts';

describe.each(engines())('news whose wake-up was lost on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  afterAll(() => test.close());

  const append = (stream: string): Promise<unknown> =>
    test.core.database.db
      .transaction()
      .execute((tx) => appendEvent(tx, stream, [{ type: 'worker.recovered', id: 'wk_1', name: 'a', from: 'lost' }]));

  it('are found by the next look, once, and only where something happened', async () => {
    const missed = new MissedNews();
    await append('workers');
    await append('monitors');
    const topics = ['workers', 'monitors'];
    expect(await missed.look(test.core, topics)).toEqual(topics);
    expect(await missed.look(test.core, topics)).toEqual([]);
    await append('workers');
    expect(await missed.look(test.core, topics)).toEqual(['workers']);
    expect(await missed.look(test.core, topics)).toEqual([]);
  });

  it('are always looked for where no position tells', async () => {
    const missed = new MissedNews();
    await missed.look(test.core, ['wl_1']);
    expect(await missed.look(test.core, ['wl_1'])).toEqual(['wl_1']);
  });

  it('raise the topic for whoever began to listen after the last look', async () => {
    const missed = new MissedNews();
    await missed.look(test.core, ['monitors']);
    expect(await missed.look(test.core, ['monitors', 'workers'])).toEqual(['workers']);
  });
});
