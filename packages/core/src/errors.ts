import type { ZodError } from 'zod';

/** Every refusal the system can answer with. The transport tables are keyed by it, so a forgotten code does not compile. */
export type ErrorCode =
  | 'VALIDATION'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'INVALID_TRANSITION'
  | 'LEASE_STALE'
  | 'CONFLICT'
  | 'PAYLOAD_TOO_LARGE'
  | 'RATE_LIMITED'
  | 'INTERNAL'
  | 'UNAVAILABLE';

export interface Issue {
  /** Dotted path of the field, empty for the input as a whole. */
  path: string;
  message: string;
}

export interface AppErrorOptions {
  issues?: readonly Issue[];
  data?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** A refusal with a code the caller can branch on; never a bug. The message says what was wrong and what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly issues: readonly Issue[] | undefined;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.issues = options.issues;
    this.data = options.data;
  }
}

/** No such resource, or none the caller may know of; `path` is the field of the input that refers to it. */
export function notFound(resource: string, id: string, path?: string): AppError {
  const issues = path === undefined ? undefined : [{ path, message: `no ${resource} has this id` }];
  return new AppError('NOT_FOUND', `No ${resource} with the id "${id}".`, { data: { resource, id }, ...(issues && { issues }) });
}

/** One field of the input does not fit; use it for rules zod cannot see. */
export function invalid(path: string, message: string): AppError {
  return new AppError('VALIDATION', `${path}: ${message}`, { issues: [{ path, message }] });
}

const MAX_ISSUES = 20;
const MAX_MESSAGE_CHARS = 300;

/** An unknown field is named by its own path, not by that of the object it was found in. */
function pathOf(issue: ZodError['issues'][number]): string {
  const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return (unknown === undefined ? issue.path : [...issue.path, unknown]).map(String).join('.');
}

/** Turns a zod failure into a VALIDATION error of bounded size whose issues name each field. */
export function validationError(error: ZodError): AppError {
  const issues = error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: pathOf(issue).slice(0, MAX_MESSAGE_CHARS),
    message: issue.message.slice(0, MAX_MESSAGE_CHARS),
  }));
  const first = issues[0];
  const more = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : '';
  const message = first ? `${first.path === '' ? 'input' : first.path}: ${first.message}${more}` : 'The input is not valid.';
  return new AppError('VALIDATION', message, { issues, cause: error });
}
