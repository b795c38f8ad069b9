import { TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import { AppError, validationError } from '@tidemark/core/errors';
import type { ErrorCode, Issue } from '@tidemark/core/errors';
import * as z from 'zod';

/** What each code is on the wire. */
export const ERROR_TABLE = {
  VALIDATION: { status: 400, trpc: 'BAD_REQUEST' },
  UNAUTHORIZED: { status: 401, trpc: 'UNAUTHORIZED' },
  FORBIDDEN: { status: 403, trpc: 'FORBIDDEN' },
  NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
  INVALID_TRANSITION: { status: 409, trpc: 'CONFLICT' },
  LEASE_STALE: { status: 409, trpc: 'CONFLICT' },
  CONFLICT: { status: 409, trpc: 'CONFLICT' },
  PAYLOAD_TOO_LARGE: { status: 413, trpc: 'PAYLOAD_TOO_LARGE' },
  RATE_LIMITED: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
  INTERNAL: { status: 500, trpc: 'INTERNAL_SERVER_ERROR' },
  UNAVAILABLE: { status: 503, trpc: 'SERVICE_UNAVAILABLE' },
} as const satisfies Record<ErrorCode, { status: number; trpc: TRPC_ERROR_CODE_KEY }>;

/** The body of every refused REST request. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  issues?: readonly Issue[];
  data?: Readonly<Record<string, unknown>>;
}

/** Where the cause of an unexpected failure goes; it never leaves the server. */
export interface FailureLog {
  error(details: Record<string, unknown>, message: string): void;
}

export interface FailureScope {
  readonly request: { readonly id: string };
  readonly log: FailureLog;
}

const MAX_BODY_CHARS = 8000;
const MAX_MESSAGE_CHARS = 1000;

const CODE_OF_TRPC: Partial<Record<TRPC_ERROR_CODE_KEY, ErrorCode>> = {
  UNAUTHORIZED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  PAYLOAD_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  TOO_MANY_REQUESTS: 'RATE_LIMITED',
  SERVICE_UNAVAILABLE: 'UNAVAILABLE',
  BAD_REQUEST: 'VALIDATION',
  PARSE_ERROR: 'VALIDATION',
  METHOD_NOT_SUPPORTED: 'VALIDATION',
  UNSUPPORTED_MEDIA_TYPE: 'VALIDATION',
};

function unexpected(error: unknown, scope: FailureScope): AppError {
  scope.log.error({ request_id: scope.request.id, err: error }, 'a request failed unexpectedly');
  return new AppError(
    'INTERNAL',
    `Something went wrong here, not with your request. Quote request ${scope.request.id} when you report it.`,
    {
      data: { request_id: scope.request.id },
      cause: error,
    },
  );
}

/**
 * The refusal behind whatever was thrown. What nobody foresaw is logged once and becomes an INTERNAL
 * that says nothing but the request id.
 */
export function refusalOf(error: unknown, scope: FailureScope): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof TRPCError)) return unexpected(error, scope);
  if (error.cause instanceof AppError) return error.cause;
  if (error.code === 'BAD_REQUEST' && error.cause instanceof z.ZodError) return validationError(error.cause);
  const code = CODE_OF_TRPC[error.code];
  return code === undefined ? unexpected(error.cause ?? error, scope) : new AppError(code, error.message);
}

export function toTrpcError(refusal: AppError): TRPCError {
  return new TRPCError({ code: wireOf(refusal).trpc, message: refusal.message, cause: refusal });
}

/** A body announced as something that is not read: HTTP has a finer word for it than for other input that does not fit. */
export class MediaTypeError extends AppError {
  constructor(message: string, header: string) {
    super('VALIDATION', message, { issues: [{ path: header, message }] });
  }
}

/** What a refusal is on the wire. */
export function wireOf(refusal: AppError): { status: number; trpc: TRPC_ERROR_CODE_KEY } {
  return refusal instanceof MediaTypeError ? { status: 415, trpc: 'UNSUPPORTED_MEDIA_TYPE' } : ERROR_TABLE[refusal.code];
}

/** The public form of a refusal, at most 8 KiB as JSON: issues go first, then data. */
export function errorBody(refusal: AppError): ErrorBody {
  const body: ErrorBody = { code: refusal.code, message: refusal.message.slice(0, MAX_MESSAGE_CHARS) };
  if (refusal.data !== undefined) body.data = refusal.data;
  if (refusal.issues !== undefined) body.issues = refusal.issues.slice(0, 20);
  while (body.issues !== undefined && body.issues.length > 1 && JSON.stringify(body).length > MAX_BODY_CHARS) {
    body.issues = body.issues.slice(0, Math.floor(body.issues.length / 2));
  }
  if (body.data !== undefined && JSON.stringify(body).length > MAX_BODY_CHARS) delete body.data;
  return body;
}

/** Seconds a client should wait, where waiting helps; otherwise null. */
export function retryAfterSeconds(refusal: AppError): number | null {
  if (refusal.code !== 'RATE_LIMITED' && refusal.code !== 'UNAVAILABLE') return null;
  const asked = refusal.data?.['retry_after_seconds'];
  return typeof asked === 'number' && asked > 0 ? Math.ceil(asked) : 1;
}

/** A refusal as tRPC writes it; `data.app_code` is the code of the REST body. */
export interface RpcErrorShape {
  message: string;
  code: number;
  data: {
    code: TRPC_ERROR_CODE_KEY;
    httpStatus: number;
    path?: string;
    app_code: ErrorCode;
    /** Of an INTERNAL: what to quote when reporting it. */
    request_id?: string;
    issues?: readonly Issue[];
    data?: Readonly<Record<string, unknown>>;
  };
}

export function rpcErrorShape(refusal: AppError, path: string | undefined): RpcErrorShape {
  const { status, trpc } = wireOf(refusal);
  const body = errorBody(refusal);
  const data: RpcErrorShape['data'] = { code: trpc, httpStatus: status, app_code: refusal.code };
  if (path !== undefined && path.length <= 100) data.path = path;
  if (body.issues !== undefined) data.issues = body.issues;
  if (body.data !== undefined) data.data = body.data;
  const requestId = refusal.code === 'INTERNAL' ? body.data?.['request_id'] : undefined;
  if (typeof requestId === 'string') data.request_id = requestId;
  return { message: body.message, code: TRPC_ERROR_CODES_BY_KEY[trpc], data };
}
