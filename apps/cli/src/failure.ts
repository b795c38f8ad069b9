import { appErrorOf } from '@tidemark/api/client';
import * as z from 'zod';
import { EXIT } from './exit-code.ts';
import { plain } from './table.ts';

/** A refusal in the API's own error shape. */
export interface ErrorBody {
  code: string;
  message: string;
  issues?: readonly { path: string; message: string }[];
  data?: Readonly<Record<string, unknown>>;
}

/** Ends the command with a message a person can act on; never a bug. */
export class CommandError extends Error {
  readonly body: ErrorBody;
  readonly exitCode: number;

  constructor(body: ErrorBody, exitCode: number) {
    super(body.message);
    this.name = 'CommandError';
    this.body = body;
    this.exitCode = exitCode;
  }
}

/** The command line itself does not fit; `path` names the option or argument. */
export function usage(path: string, message: string): CommandError {
  return new CommandError({ code: 'VALIDATION', message: `${path}: ${message}`, issues: [{ path, message }] }, EXIT.usage);
}

export function unavailable(message: string): CommandError {
  return new CommandError({ code: 'UNAVAILABLE', message }, EXIT.unavailable);
}

const EXIT_BY_CODE: Readonly<Record<string, number>> = {
  VALIDATION: EXIT.usage,
  PAYLOAD_TOO_LARGE: EXIT.usage,
  UNAUTHORIZED: EXIT.noPermission,
  FORBIDDEN: EXIT.noPermission,
  UNAVAILABLE: EXIT.unavailable,
};

const CURE_BY_CODE: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'Give an API key with --key or TIDEMARK_KEY; an administrator makes one with "tidemark keys create".',
  FORBIDDEN: 'Use a key with a stronger role (--key or TIDEMARK_KEY).',
  RATE_LIMITED: 'Wait a moment and run the command again.',
};

/** Options that carry another name than the field they set. */
const OPTION_BY_FIELD: Readonly<Record<string, string>> = {
  timeout_ms: '--timeout',
  labels: '--label',
  lastEventId: '--from',
  q: '--search',
};

/** What an unexpected value thrown by a command becomes. A failure of the network is `UNAVAILABLE`, anything unknown `INTERNAL`. */
export function toCommandError(error: unknown, url: string): CommandError {
  if (error instanceof CommandError) return error;
  const refusal = refusalOf(error);
  if (refusal !== null) return refused(refusal);
  if (isConnectionFailure(error)) {
    return unavailable(
      `Cannot reach the server at ${url} (${reasonOf(error)}). Start it with "tidemark up", or give its address with --url or TIDEMARK_URL.`,
    );
  }
  if (appErrorOf(error) !== null) return stranger(url);
  const message = error instanceof Error ? error.message : String(error);
  return new CommandError({ code: 'INTERNAL', message: plain(message) || 'Something unexpected happened.' }, EXIT.failed);
}

function refused(body: ErrorBody): CommandError {
  return new CommandError(body, EXIT_BY_CODE[body.code] ?? EXIT.failed);
}

function stranger(url: string): CommandError {
  return unavailable(`What answers at ${url} is not a Tidemark server, or a proxy is in the way. Check --url or TIDEMARK_URL.`);
}

/** What an answer that is not the download asked for becomes. */
export async function toRefusal(answer: Response, url: string): Promise<CommandError> {
  const parsed = Refusal.safeParse(await answer.json().catch(() => null));
  return parsed.success ? refused(bodyOf(parsed.data)) : stranger(url);
}

/** The server's refusal in the shape REST answers with, or null when nothing or no Tidemark server answered. */
function refusalOf(error: unknown): ErrorBody | null {
  const refusal = appErrorOf(error);
  if (refusal === null) return null;
  if (refusal.data?.['is_network'] === true) return plainRefusalOf(error);
  const { code, message, issues, data } = refusal;
  return { code, message, ...(issues === undefined ? {} : { issues }), ...(data === undefined ? {} : { data }) };
}

const Refusal = z.object({
  code: z.string(),
  message: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
const PlainRefusal = z.object({ meta: z.object({ responseJSON: Refusal }) });

function bodyOf({ code, message, issues, data }: z.infer<typeof Refusal>): ErrorBody {
  return { code, message, ...(issues === undefined ? {} : { issues }), ...(data === undefined ? {} : { data }) };
}

/** A refusal from before the call reached its procedure, such as of a wrong key: it comes as REST writes it. */
function plainRefusalOf(error: unknown): ErrorBody | null {
  const parsed = PlainRefusal.safeParse(error);
  return parsed.success ? bodyOf(parsed.data.meta.responseJSON) : null;
}

/** Lines for a person: what was wrong, each field with the option that sets it, and what to do. */
export function describeFailure(body: ErrorBody): string[] {
  const issues = body.issues ?? [];
  const lines = [plain(body.message)];
  const only = issues[0];
  const isSaid = issues.length === 1 && only !== undefined && body.message.includes(only.message);
  if (!isSaid) lines.push(...issues.map((issue) => `  ${fieldName(issue.path)}: ${plain(issue.message)}`));
  else if (only !== undefined && optionOf(only.path) !== only.path) lines.push(`  It is set with ${optionOf(only.path)}.`);
  const cure = CURE_BY_CODE[body.code];
  if (cure !== undefined) lines.push(`  ${cure}`);
  const requestId = body.data?.['request_id'];
  if (typeof requestId === 'string') lines.push(`  Request id for the server's log: ${plain(requestId)}`);
  return lines;
}

function fieldName(path: string): string {
  const option = optionOf(path);
  return option === path || path === '' ? path || 'input' : `${path} (${option})`;
}

/** The option that sets a field of the input, or the path itself where there is none. */
function optionOf(path: string): string {
  const field = path.split('.')[0] ?? '';
  if (field === '' || field.startsWith('-') || field.startsWith('<') || field === 'id') return path;
  return OPTION_BY_FIELD[field] ?? `--${field.replaceAll('_', '-')}`;
}

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  EPIPE: 'connection lost',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be resolved',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no network',
};

/** True when the request may never have arrived or its answer was lost, as far as this side can tell. */
export function isConnectionFailure(error: unknown): boolean {
  return causes(error).some(
    (cause) => CONNECTION_CODES.has(codeOf(cause)) || cause.name === 'TimeoutError' || cause.message === 'fetch failed',
  );
}

function reasonOf(error: unknown): string {
  const code = causes(error)
    .map(codeOf)
    .find((entry) => CONNECTION_CODES.has(entry));
  return (code === undefined ? undefined : REASONS[code]) ?? 'no answer in time';
}

/** The error, what it was caused by, and the errors it bundles. */
function causes(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 8) return [];
  const bundled = error instanceof AggregateError ? error.errors.flatMap((entry) => causes(entry, depth + 1)) : [];
  return [error, ...bundled, ...causes(error.cause, depth + 1)];
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
