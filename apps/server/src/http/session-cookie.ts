import type { SessionCookie } from '@tidemark/api/server';
import type { ServerResponse } from 'node:http';

const NAME = 'tidemark_session';
/** Browsers take a cookie of this name only over TLS, for this host alone and for every path. */
export const SECURE_PREFIX = '__Host-';
const SECURE_NAME = `${SECURE_PREFIX}${NAME}`;
const MAX_COOKIE_CHARS = 4096;

/** The value of a request's cookie, or null. */
export function cookieOf(headers: Headers, name: string): string | null {
  const header = headers.get('cookie');
  if (header === null || header.length > MAX_COOKIE_CHARS) return null;
  const pairs = new Map(
    header.split(';').map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
  return pairs.get(name) ?? null;
}

/** The session token of a request's cookies, the one set over TLS first. */
export function sessionTokenOf(headers: Headers): string | null {
  return cookieOf(headers, SECURE_NAME) ?? cookieOf(headers, NAME);
}

/** Whether the page that calls was loaded over TLS. Only its own browser can say so wrongly, and only to its own loss. */
export function isFromTls(request: Request): boolean {
  return request.headers.get('origin')?.startsWith('https://') === true;
}

/** Sets and clears the cookie of one answer: unreadable for scripts, and never sent along by another site. */
export function sessionCookieOf(outgoing: ServerResponse, isSecure: boolean): SessionCookie {
  const name = isSecure ? SECURE_NAME : NAME;
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  return {
    keep: (token, expiresAt) =>
      outgoing.appendHeader('set-cookie', `${name}=${token}; ${attributes}; Expires=${new Date(expiresAt).toUTCString()}`),
    drop: () => outgoing.appendHeader('set-cookie', `${name}=; ${attributes}; Max-Age=0`),
  };
}
