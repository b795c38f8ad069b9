import type { AppError } from '@tidemark/core/errors';
import { ERROR_TABLE, errorBody, retryAfterSeconds } from '../errors.ts';

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

export function jsonAnswer(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: JSON_HEADERS });
}

/** A refusal as REST writes it; `status` only where HTTP has a finer one than the code. */
export function refusalAnswer(refusal: AppError, extra: { status?: number; headers?: Record<string, string> } = {}): Response {
  const headers: Record<string, string> = { ...JSON_HEADERS, ...extra.headers };
  const seconds = retryAfterSeconds(refusal);
  if (seconds !== null) headers['retry-after'] = String(seconds);
  if (refusal.code === 'UNAUTHORIZED') headers['www-authenticate'] = 'Bearer';
  return new Response(JSON.stringify(errorBody(refusal)), { status: extra.status ?? ERROR_TABLE[refusal.code].status, headers });
}
