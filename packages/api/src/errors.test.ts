import { AppError } from '@tidemark/core/errors';
import { TRPCError } from '@trpc/server';
import { describe, expect, it } from 'vitest';
import { ERROR_TABLE, errorBody, refusalOf, retryAfterSeconds, rpcErrorShape } from './errors.ts';

function scope() {
  const logged: Record<string, unknown>[] = [];
  return { request: { id: 'req-1' }, log: { error: (details: Record<string, unknown>) => void logged.push(details) }, logged };
}

describe('an unexpected failure', () => {
  it('tells the request id and nothing of its cause, which is logged', () => {
    const where = scope();
    const cause = new Error('password=hunter2 at /srv/app.ts');
    const body = errorBody(refusalOf(cause, where));
    expect(body.code).toBe('INTERNAL');
    expect(body.data).toEqual({ request_id: 'req-1' });
    expect(JSON.stringify(body)).not.toMatch(/hunter2|srv|stack/);
    expect(where.logged).toEqual([{ request_id: 'req-1', err: cause }]);
  });

  it('is found behind the wrapper tRPC puts around it', () => {
    const where = scope();
    const cause = new Error('select * from secret');
    const refusal = refusalOf(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: cause.message, cause }), where);
    expect(refusal.code).toBe('INTERNAL');
    expect(refusal.message).not.toContain('secret');
    expect(where.logged[0]?.['err']).toBe(cause);
  });
});

describe('an error body', () => {
  it('never exceeds 8 KiB', () => {
    const issues = Array.from({ length: 500 }, (_, index) => ({ path: `items.${index}.${'x'.repeat(300)}`, message: 'y'.repeat(300) }));
    const body = errorBody(new AppError('VALIDATION', 'm'.repeat(50_000), { issues, data: { blob: 'z'.repeat(50_000) } }));
    expect(JSON.stringify(body).length).toBeLessThanOrEqual(8192);
    expect(body.issues?.length).toBeGreaterThan(0);
  });

  it('keeps what a refusal says', () => {
    const refusal = new AppError('NOT_FOUND', 'No workload with the id "x".', { data: { resource: 'workload', id: 'x' } });
    expect(errorBody(refusal)).toEqual({
      code: 'NOT_FOUND',
      message: 'No workload with the id "x".',
      data: { resource: 'workload', id: 'x' },
    });
    expect(rpcErrorShape(refusal, 'workloads.get').data).toEqual({
      code: 'NOT_FOUND',
      httpStatus: 404,
      path: 'workloads.get',
      app_code: 'NOT_FOUND',
      data: { resource: 'workload', id: 'x' },
    });
  });

  it('does not echo an endless path', () => {
    expect(rpcErrorShape(new AppError('NOT_FOUND', 'x'), 'a'.repeat(10_000)).data.path).toBeUndefined();
  });
});

describe('Retry-After', () => {
  it('is told exactly where waiting helps', () => {
    const codes = Object.keys(ERROR_TABLE) as (keyof typeof ERROR_TABLE)[];
    const waiting = codes.filter((code) => retryAfterSeconds(new AppError(code, 'x')) !== null);
    expect(waiting).toEqual(['RATE_LIMITED', 'UNAVAILABLE']);
    expect(retryAfterSeconds(new AppError('RATE_LIMITED', 'x', { data: { retry_after_seconds: 2.2 } }))).toBe(3);
  });
});
