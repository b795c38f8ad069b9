import { EventId } from '@tidemark/core/events/contract';
import { Cursor, Id, Name, text, Timestamp } from '@tidemark/core/contract';
import { FAILURE_DOMAINS } from '@tidemark/core/failures/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEventId } from '../features/activity/search.ts';
import { isCursor, isId, isName, isTimestamp, namesIn, oneOf, someOf, textUpTo } from './search-values.ts';

const PAIRS = [
  { what: 'an id', check: isId, schema: Id },
  { what: 'a name', check: isName, schema: Name },
  { what: 'a cursor', check: isCursor, schema: Cursor },
  { what: 'an event id', check: isEventId, schema: EventId },
  { what: 'a text', check: textUpTo(20), schema: text(20, 1) },
  { what: 'a time', check: isTimestamp, schema: Timestamp },
];

const digits = (count: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-3]\\d{${count - 1}}$`));
const almostTimes = fc
  .tuple(digits(4), digits(2), digits(2), digits(2), digits(2), fc.constantFrom(':00', ':59', ':60', '', ':00.5', ':00.123456'))
  .chain(([year, month, day, hour, minute, rest]) =>
    fc.constantFrom('Z', '+02:00', '-23:59', '+24:00', '', 'z').map((zone) => `${year}-${month}-${day}T${hour}:${minute}${rest}${zone}`),
  );
const values = fc.oneof(
  fc.string({ maxLength: 24 }),
  fc.stringMatching(/^[A-Za-z0-9._:-]{0,70}$/),
  fc.string({ unit: 'grapheme', maxLength: 24 }),
  fc.constantFrom('', '\0', 'a'.repeat(64), 'a'.repeat(65), 'b'.repeat(512), 'b'.repeat(513), 'a\n'),
  fc.constantFrom(
    '2024-02-29T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '9999-12-31T23:59:59-01:00',
  ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.stringMatching(/^[0-9a-z]{1,17}\.[0-9]{1,19}$/),
  almostTimes,
);

test.each(PAIRS)('an address may say $what exactly where the contract takes one', ({ check, schema }) => {
  fc.assert(
    fc.property(values, (value) => {
      expect({ value, isTaken: check(value) }).toEqual({ value, isTaken: schema.safeParse(value).success });
    }),
    { numRuns: 500 },
  );
});

test('a list of names is taken when each of them is known, and read in the order written', () => {
  expect(oneOf(FAILURE_DOMAINS)('monitor')).toBe(true);
  expect(oneOf(FAILURE_DOMAINS)('monitor,workload')).toBe(false);
  expect(someOf(FAILURE_DOMAINS)('publication,workload')).toBe(true);
  expect(someOf(FAILURE_DOMAINS)('publication,')).toBe(false);
  expect(namesIn('publication,workload', FAILURE_DOMAINS)).toEqual(['publication', 'workload']);
  expect(namesIn(undefined, FAILURE_DOMAINS)).toEqual([]);
});
