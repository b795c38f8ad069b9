import { createHmac, randomBytes } from 'node:crypto';
import { secretNamesIn } from './secrets/contract.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 24;
/** How long receivers have to learn a new secret. */
const SECRET_OVERLAP_MS = 24 * 3_600_000;

/** A new secret in the form of Standard Webhooks. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** A secret, and the one that signs beside it for a while because it was it until lately. */
export interface OverlappingSecret {
  readonly secret?: string | undefined;
  readonly previous_secret?: string | null | undefined;
  readonly previous_secret_until?: string | null | undefined;
}

type Previous = Required<Pick<OverlappingSecret, 'previous_secret' | 'previous_secret_until'>>;

/**
 * What signs beside a secret once it is set: the one there was, for as long as receivers need to learn the new one; what signed beside
 * that is dropped. A reference does not overlap: what it names may be gone before the time is over.
 */
export function previousOf(before: OverlappingSecret, secret: string | undefined, nowMs: number): Previous {
  const { secret: old, previous_secret = null, previous_secret_until = null } = before;
  if (secret === old) return { previous_secret, previous_secret_until };
  if (old === undefined || secret === undefined || secretNamesIn(old).length > 0)
    return { previous_secret: null, previous_secret_until: null };
  return { previous_secret: old, previous_secret_until: new Date(nowMs + SECRET_OVERLAP_MS).toISOString() };
}

/** What a body is signed with now, the current secret first; none without one. */
export function signingSecrets({ secret, previous_secret, previous_secret_until }: OverlappingSecret, nowMs: number): string[] {
  const isOverlap = Date.parse(previous_secret_until ?? '') > nowMs;
  return [secret, isOverlap ? previous_secret : undefined].filter((each) => typeof each === 'string');
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
