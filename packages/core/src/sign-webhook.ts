import { createHmac, randomBytes } from 'node:crypto';
import { secretNamesIn } from './secrets/contract.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 24;
/** How long receivers have to learn a new secret. */
export const SECRET_OVERLAP_MS = 24 * 3_600_000;

/** A new secret in the form of Standard Webhooks. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** Whether a secret goes on signing beside a new one. A reference does not: what it names may be gone before the day is over. */
export function canOverlap(secret: string): boolean {
  return secretNamesIn(secret).length === 0;
}

/** `whsec_` and base64 is bytes, anything else is itself. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

/**
 * The headers that let a receiver check who sent a body, and when: a signature for each secret, of which one has to fit. `id` stays
 * the same when the same thing is sent again. **Source:** Standard Webhooks, version v1.
 */
export function webhookHeaders(message: { id: string; nowMs: number; body: string; secrets: readonly string[] }): Record<string, string> {
  const { id, nowMs, body, secrets } = message;
  const at = String(Math.floor(nowMs / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': at };
  if (secrets.length === 0) return headers;
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${at}.${body}`).digest('base64')}`);
  return { ...headers, 'webhook-signature': signatures.join(' ') };
}
