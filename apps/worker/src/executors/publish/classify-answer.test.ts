import { describe, expect, it } from 'vitest';
import { classifyAnswer, retryAfterSeconds } from './classify-answer.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('the class of a platform’s answer', () => {
  it.each([
    [200, '{"external_id":"p1"}', 'success'],
    [201, '{"external_id":"p1","published_at":"2026-01-01T00:00:00Z","more":1}', 'success'],
    [202, '{"pending":true}', 'accepted'],
    [200, '{"pending":true,"external_id":"p1"}', 'accepted'],
    [200, '<html>', 'unconfirmed'],
    [204, '', 'unconfirmed'],
    [200, '{"external_id":""}', 'unconfirmed'],
    [200, '{"external_id":7}', 'unconfirmed'],
    [200, '[]', 'unconfirmed'],
    [301, '', 'connector'],
    [400, '{"error":"too long"}', 'content'],
    [401, '', 'auth'],
    [403, '', 'auth'],
    [404, '', 'content'],
    [422, '', 'content'],
    [429, '', 'rate_limited'],
    [451, '', 'content'],
    [500, '', 'transient'],
    [503, '{"error":"busy"}', 'transient'],
    [500, '{"external_id":"p1"}', 'unconfirmed'],
    [502, '{"accepted":true}', 'unconfirmed'],
  ])('%i %s is %s', (status, body, outcome) => {
    expect(classifyAnswer({ status, headers: {}, body }, NOW)).toMatchObject({ outcome, http_status: status });
  });

  it('keeps what the platform named, and shows its words without control characters', () => {
    expect(
      classifyAnswer({ status: 200, headers: {}, body: '{"external_id":"p1","published_at":"2026-01-01T00:00:00Z"}' }, NOW),
    ).toMatchObject({
      external_id: 'p1',
      published_at: '2026-01-01T00:00:00Z',
    });
    expect(classifyAnswer({ status: 400, headers: {}, body: 'too\0 long\n' }, NOW).error).toBe('The platform answered 400: too  long');
  });

  it.each([
    ['7', 7],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', null],
    [undefined, null],
  ])('reads Retry-After %s as %s', (value, seconds) => {
    expect(retryAfterSeconds(value, NOW)).toBe(seconds);
    const headers: Record<string, string> = value === undefined ? {} : { 'retry-after': value };
    expect(classifyAnswer({ status: 429, headers, body: '' }, NOW).retry_after_seconds).toBe(seconds);
  });
});
