import type { Phases } from './phases.ts';

/**
 * Why there is no answer: `invalid` the request cannot be sent as asked, `denied` the policy forbids the target, `aborted` the
 * caller gave up, and the rest name the part that failed.
 */
export type EgressCode = 'invalid' | 'denied' | 'dns' | 'connect' | 'tls' | 'timeout' | 'redirect' | 'protocol' | 'body' | 'aborted';

/** The message is fit for people: it names the target and what to do, and holds no header and no body. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly code: EgressCode;
  /** How long each phase took until it failed; null when nothing was begun. */
  phases: Phases | null = null;

  constructor(code: EgressCode, message: string, options?: ErrorOptions) {
    super(`egress: ${message}`, options);
    this.code = code;
  }
}

/** The system's error code, such as `ECONNREFUSED`; an empty text when there is none. */
export function systemCode(error: unknown): string {
  // Several addresses were tried: the last answer is the one of the family that people expect.
  const cause = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
