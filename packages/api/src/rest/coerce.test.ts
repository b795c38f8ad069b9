import { AppError } from '@tidemark/core/errors';
import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { coerceQuery } from './coerce.ts';

const Input = z.strictObject({
  limit: z.int().min(1).max(200).default(50),
  ratio: z.number().optional(),
  is_open: z.boolean().optional(),
  status: z.union([z.enum(['a', 'b']), z.array(z.enum(['a', 'b']))]).optional(),
  tags: z.array(z.string()).optional(),
  codes: z.array(z.int()).optional(),
  q: z.string().nullish(),
});

function coerce(query: string): unknown {
  return coerceQuery(Input, new URLSearchParams(query));
}

function refusal(query: string): AppError {
  try {
    coerce(query);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error(`accepted: ${query}`);
}

describe('a query string', () => {
  it('becomes numbers, booleans and text as the schema says', () => {
    expect(coerce('limit=20&ratio=-1.5&is_open=false&q=12')).toEqual({ limit: 20, ratio: -1.5, is_open: false, q: '12' });
  });

  it('keeps numbers that are out of range for the schema to refuse', () => {
    expect(coerce('limit=0')).toEqual({ limit: 0 });
    expect(coerce('limit=-1')).toEqual({ limit: -1 });
  });

  it.each(['abc', '1e9', '0x10', ' 5', '5 ', '', '+5', '05', 'NaN', 'Infinity', '1_000', '1.', '.5'])(
    'refuses %j as a number and names the field',
    (value) => {
      const error = refusal(`limit=${encodeURIComponent(value)}`);
      expect(error.code).toBe('VALIDATION');
      expect(error.issues).toEqual([{ path: 'limit', message: expect.stringContaining('number') }]);
    },
  );

  it.each(['1', 'TRUE', 'yes', ''])('refuses %j as a boolean', (value) => {
    expect(refusal(`is_open=${value}`).issues?.[0]?.path).toBe('is_open');
  });

  it('reads lists repeated or separated by commas', () => {
    expect(coerce('tags=x&tags=y,z')).toEqual({ tags: ['x', 'y', 'z'] });
    expect(coerce('tags=x')).toEqual({ tags: ['x'] });
    expect(coerce('codes=1,2')).toEqual({ codes: [1, 2] });
  });

  it('reads one value or a list where both are allowed', () => {
    expect(coerce('status=a')).toEqual({ status: 'a' });
    expect(coerce('status=a,b')).toEqual({ status: ['a', 'b'] });
    expect(coerce('status=a&status=b')).toEqual({ status: ['a', 'b'] });
  });

  it('refuses a repeated value where one is expected', () => {
    expect(refusal('limit=1&limit=2').issues).toEqual([{ path: 'limit', message: 'must be given once' }]);
  });

  it('names every field that does not fit', () => {
    expect(refusal('limit=x&ratio=y').issues?.map((issue) => issue.path)).toEqual(['limit', 'ratio']);
  });

  it('keeps unknown names, so that a strict schema refuses them', () => {
    const input = coerce('colour=red');
    expect(input).toEqual({ colour: 'red' });
    expect(Input.safeParse(input).success).toBe(false);
  });

  it('cannot reach a prototype', () => {
    expect(refusal('__proto__=x').issues?.[0]?.path).toBe('__proto__');
  });
});
