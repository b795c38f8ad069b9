import { TRPCClientError } from '@trpc/client';
import * as z from 'zod';

const ErrorData = z.object({
  app_code: z.string().optional(),
  httpStatus: z.number().optional(),
  request_id: z.string().optional(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** A refused or failed call in the form the pages show. */
export interface Failure {
  code: string;
  message: string;
  request_id: string | undefined;
  issues: { path: string; message: string }[];
}

/** Reads what the server said; a call that never reached it is `OFFLINE`. */
export function toFailure(error: unknown): Failure {
  const none = { request_id: undefined, issues: [] };
  if (!(error instanceof TRPCClientError)) {
    return { ...none, code: 'INTERNAL', message: error instanceof Error ? error.message : 'Something went wrong in this page.' };
  }
  const data = ErrorData.safeParse(error.data);
  if (!data.success || data.data.httpStatus === undefined) {
    return { ...none, code: 'OFFLINE', message: 'The server did not answer. It may be restarting, or the network is down.' };
  }
  return {
    code: data.data.app_code ?? 'INTERNAL',
    message: error.message,
    request_id: data.data.request_id,
    issues: data.data.issues ?? [],
  };
}

/** Only what may pass by itself is tried again. */
export function isTransient(error: unknown): boolean {
  return ['OFFLINE', 'UNAVAILABLE', 'RATE_LIMITED'].includes(toFailure(error).code);
}
