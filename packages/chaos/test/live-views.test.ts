import { findPostgres } from '@tidemark/core/testing';
import { describe, expect, it } from 'vitest';
import { runLiveViews } from './live-views.ts';

describe.skipIf(findPostgres() === null)('live views of one monitor', () => {
  it('each get every event once and in order, fifty at a time', async () => {
    const report = await runLiveViews({ views: 50, events: 40, alone: 10 });
    expect(report).toMatchObject({ views: 50, events: 40, wrong: 0 });
  });
});
