import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor } from './redactor.ts';

const VALUE = 'p@ss/w0rd+"quoted" & ünïcode';
const KEY = `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'.repeat(2)}\nshort\n-----END KEY-----`;

function pieces(redactor: Redactor, texts: readonly string[]): string {
  const stream = redactor.stream();
  return texts.map((text) => stream.push(text)).join('') + stream.end();
}

const ENCODINGS: readonly (readonly [string, (value: string) => string])[] = [
  ['as it is', (value) => value],
  ['in JSON', (value) => JSON.stringify({ a: value })],
  ['in JSON in JSON', (value) => JSON.stringify(JSON.stringify({ a: value }))],
  ['as a part of a URL', encodeURIComponent],
  ['as a form', (value) => new URLSearchParams({ a: value }).toString()],
  ['in base64', (value) => Buffer.from(value).toString('base64')],
  ['in base64 of a URL', (value) => Buffer.from(value).toString('base64url')],
  ['in basic authentication', (value) => Buffer.from(`user:${value}`).toString('base64')],
  ['in base64 behind two more letters', (value) => Buffer.from(`ab${value}tail`).toString('base64')],
  ['in hex', (value) => Buffer.from(value).toString('hex')],
];

test.each(ENCODINGS)('a value is hidden %s, cut at every place', (_name, encode) => {
  const redactor = new Redactor([VALUE]);
  const text = `before ${encode(VALUE)} after`;
  const hidden = redactor.redact(text);
  expect(hidden).toContain('[secret]');
  expect(hidden).toMatch(/^before [^]* after$/);
  // No eight characters of what stood there are left, but for what its neighbours have a part in.
  const shown = encode(VALUE);
  const left = hidden.replaceAll('[secret]', '');
  for (let at = 8; at + 20 < shown.length; at += 1) expect(left, shown.slice(at, at + 12)).not.toContain(shown.slice(at, at + 12));
  for (let at = 0; at <= text.length; at += 1) expect(pieces(redactor, [text.slice(0, at), text.slice(at)])).toBe(hidden);
  expect(pieces(redactor, Array.from(text))).toBe(hidden);
});

test('a key of several lines is hidden whole, line by line, and wrapped in base64', () => {
  const redactor = new Redactor([KEY]);
  expect(redactor.redact(`a ${KEY} b`)).toBe('a [secret] b');
  expect(redactor.redact(KEY.replaceAll('\n', '\n  '))).not.toContain('MIIEvQ');
  const wrapped = Buffer.from(KEY).toString('base64').replaceAll(/.{76}/g, '$&\n');
  expect(
    redactor
      .redact(wrapped)
      .split('\n')
      .every((line) => line === '[secret]'),
  ).toBe(true);
});

test('a value that begins another one does not uncover the rest of it', () => {
  const redactor = new Redactor(['abcdefgh', 'abcdefghIJKLMNOP']);
  expect(pieces(redactor, ['x abcdefgh', 'IJKLMNOP y'])).toBe('x [secret] y');
  expect(pieces(redactor, ['x abcdefgh', ' y'])).toBe('x [secret] y');
});

test('what is no secret comes out as it went in, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 }), { maxLength: 20 }), (texts) => {
      expect(pieces(new Redactor(['not in there']), texts)).toBe(texts.join(''));
    }),
  );
});

test('any value is hidden in any text, however it is cut', () => {
  const value = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme' }).filter((text) => text.trim().length >= 8);
  fc.assert(
    fc.property(value, fc.string(), fc.array(fc.nat(200), { maxLength: 8 }), (secret, around, cuts) => {
      const text = `${around}${secret}${around}`;
      const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((one, other) => one - other), text.length];
      const out = pieces(
        new Redactor([secret]),
        places.slice(1).map((end, index) => text.slice(places[index], end)),
      );
      expect(out).toBe(new Redactor([secret]).redact(text));
      expect(out.replaceAll('[secret]', '')).not.toContain(secret);
    }),
  );
});

test('nothing is held back longer than it could be a value, and a stream of one letter stays fast', () => {
  const stream = new Redactor(['aaaaaaaaaaaaaaab']).stream();
  let shown = 0;
  for (let count = 0; count < 20_000; count += 1) shown += stream.push('a'.repeat(50)).length;
  expect(shown).toBeGreaterThan(20_000 * 50 - 20);
});
