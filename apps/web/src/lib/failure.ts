import { TRPCClientError } from '@trpc/client';
import { isRecord } from './record.ts';

/** A refused or failed call in the form the pages show. */
export interface Failure {
  code: string;
  message: string;
  request_id: string | undefined;
  issues: { path: string; message: string }[];
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function readIssues(value: unknown): Failure['issues'] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((issue: unknown) => {
    const path = isRecord(issue) ? readText(issue['path']) : undefined;
    const message = isRecord(issue) ? readText(issue['message']) : undefined;
    return path === undefined || message === undefined ? [] : [{ path, message }];
  });
}

/** Reads what the server said; a call that never reached it is `OFFLINE`. */
export function toFailure(error: unknown): Failure {
  const none = { request_id: undefined, issues: [] };
  if (!(error instanceof TRPCClientError)) {
    return { ...none, code: 'INTERNAL', message: error instanceof Error ? error.message : 'Something went wrong in this page.' };
  }
  const data: unknown = error.data;
  if (!isRecord(data) || typeof data['httpStatus'] !== 'number') {
    return { ...none, code: 'OFFLINE', message: 'The server did not answer. It may be restarting, or the network is down.' };
  }
  return {
    code: readText(data['app_code']) ?? 'INTERNAL',
    message: error.message,
    request_id: readText(data['request_id']),
    issues: readIssues(data['issues']),
  };
}

/** Only what may pass by itself is tried again. */
export function isTransient(error: unknown): boolean {
  return ['OFFLINE', 'UNAVAILABLE', 'RATE_LIMITED'].includes(toFailure(error).code);
}
