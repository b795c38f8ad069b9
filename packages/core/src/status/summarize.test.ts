import { describe, expect, it } from 'vitest';
import type { PublicMonitor } from './contract.ts';
import { summarize } from './summarize.ts';

type Shown = Pick<PublicMonitor, 'name' | 'state' | 'last_run_at'>;
const SEEN = '2026-01-01T00:00:00.000Z';
const inState = (state: Shown['state'], last_run_at: string | null = SEEN): Shown => ({ name: 'Shop', state, last_run_at });
const [up, down, paused, maintenance] = [inState('up'), inState('down'), inState('paused'), inState('maintenance')];
const [never, silent] = [inState('unknown', null), inState('unknown')];

describe('monitors in a sentence', () => {
  it.each([
    [[], 'Nothing is known yet', null],
    [[up], 'Everything is up', null],
    [[up, up, up], 'Everything is up', null],
    [[up, never, up, up], '1 of 4 has no result yet', '3 are up'],
    [[up, silent], '1 of 2 is unknown right now', '1 is up'],
    [[never], 'Shop has no result yet', null],
    [[never, never], 'Nothing has a result yet', null],
    [[silent, never], '1 of 2 has no result yet', '1 is unknown right now'],
    [[paused], 'Shop is paused', null],
    [[up, paused, paused], '2 of 3 are paused', '1 is up'],
    [[up, maintenance], '1 of 2 is in maintenance', '1 is up'],
    [[down, down], 'Everything is down', null],
    [[down], 'Shop is down', null],
    [[up, down, never, paused], '1 of 4 is down', '1 has no result yet, 1 is paused, 1 is up'],
  ] satisfies [Shown[], string, string | null][])('says of %j: %s', (monitors, headline, detail) => {
    expect(summarize(monitors)).toEqual({ headline, detail });
  });
});
