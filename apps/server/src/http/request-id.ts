import { randomBytes } from 'node:crypto';

const GIVEN = /^[A-Za-z0-9._-]{1,64}$/;
const prefix = randomBytes(4).toString('hex');
let count = 0;

/** The caller's own request id where it is harmless, else a new one. */
export function requestIdOf(given: string | null): string {
  if (given !== null && GIVEN.test(given)) return given;
  count += 1;
  return `${prefix}-${count.toString(36)}`;
}
