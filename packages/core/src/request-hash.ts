import { createHash } from 'node:crypto';

/** JSON with sorted keys, so that the same request in another key order has the same hash. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** What an idempotency key is held against: everything a request says but the key itself. */
export function requestHash(input: { readonly idempotency_key?: string | undefined }): string {
  return createHash('sha256')
    .update(canonical({ ...input, idempotency_key: undefined }))
    .digest('base64url');
}
