import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
}

/** The headers that let a receiver check who sent a body, and when. **Source:** Standard Webhooks, version v1. */
export function webhookHeaders(message: {
  id: string;
  at_seconds: number;
  body: string;
  secret: string | undefined;
}): Record<string, string> {
  const { id, at_seconds: at, body, secret } = message;
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(at) };
  if (secret === undefined) return headers;
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${at}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
