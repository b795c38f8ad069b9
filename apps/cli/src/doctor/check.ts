export type CheckStatus = 'ok' | 'warn' | 'fail';

/** One line of the examination. */
export interface Check {
  name: string;
  status: CheckStatus;
  message: string;
  /** What to do about it; null when it is well. */
  cure: string | null;
}

export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message, cure: null };
}

export function warn(name: string, message: string, cure: string): Check {
  return { name, status: 'warn', message, cure };
}

export function fail(name: string, message: string, cure: string): Check {
  return { name, status: 'fail', message, cure };
}
