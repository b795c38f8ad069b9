import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventId, standingOf } from './positions.ts';

const LOG = { epoch: 'abc123', floor: 10, head: 20 };

it('goes on after a position the log still has, its floor and head included', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 20 }), (position) => {
      expect(standingOf(eventId('abc123', position), LOG)).toEqual({ kind: 'at', position });
    }),
  );
});

it.each([
  ['abc123.9', 'trimmed'],
  ['abc123.21', 'ahead'],
  ['other.15', 'restored'],
  ['15', 'unknown'],
  ['abc123.-1', 'unknown'],
  ['abc123.1e1', 'unknown'],
  ['abc123.9999999999999999999', 'unknown'],
  ['', 'unknown'],
])('answers %s with a gap because it is %s', (cursor, reason) => {
  expect(standingOf(cursor, LOG)).toEqual({ kind: 'gap', reason });
});
