import { validateHeaderName, validateHeaderValue } from 'node:http';
import { EgressError } from './errors.ts';

export const MAX_HEADER_BYTES = 65_536;

/** They belong to the connection, which is not the caller's. */
const RESERVED = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What another host may see of the caller's headers: none that could carry a secret. */
const HARMLESS = new Set(['accept', 'accept-language', 'user-agent']);

export type Headers = Record<string, string>;

/** Lower-cased, with the client's own defaults. @throws EgressError `invalid` */
export function prepareHeaders(given: Readonly<Headers>): Headers {
  const headers: Headers = { 'user-agent': 'Tidemark', accept: '*/*', 'accept-encoding': 'gzip, br' };
  let bytes = 0;
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    if (RESERVED.has(lower)) throw new EgressError('invalid', `the header ${lower} is set by the client itself`);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw new EgressError('invalid', `the header "${name.slice(0, 60)}" has characters that headers cannot carry`, { cause: error });
    }
    headers[lower] = value;
    bytes += name.length + value.length;
  }
  if (bytes > MAX_HEADER_BYTES) throw new EgressError('invalid', `the headers are larger than ${MAX_HEADER_BYTES} bytes`);
  return headers;
}

export function keepHarmless(headers: Readonly<Headers>): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name) || name === 'accept-encoding'));
}

export function withoutBodyHeaders(headers: Readonly<Headers>): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));
}

/** One text per name, repeated ones joined as HTTP does. */
export function flattenHeaders(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const entries = Object.entries(raw).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}
