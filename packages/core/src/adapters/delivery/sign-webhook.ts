import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

/**
 * The headers that let a receiver check who sent a body, and when: a signature for each secret, of which one has to fit.
 * **Source:** Standard Webhooks, version v1.
 */
export function webhookHeaders(message: {
  id: string;
  at_seconds: number;
  body: string;
  secrets: readonly string[];
}): Record<string, string> {
  const { id, at_seconds: at, body, secrets } = message;
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(at) };
  if (secrets.length === 0) return headers;
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${at}.${body}`).digest('base64')}`);
  return { ...headers, 'webhook-signature': signatures.join(' ') };
}
