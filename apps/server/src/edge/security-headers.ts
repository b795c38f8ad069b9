import type { ServerResponse } from 'node:http';

// Everything from our own files only. Charts and pop-overs position themselves through the object model, which needs no exception.
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const FEATURES = 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()';
const TLS_SECONDS = 31_536_000;

/** What every answer carries, errors included. */
export function setSecurityHeaders(response: ServerResponse): void {
  response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('permissions-policy', FEATURES);
}

/** Only behind TLS: over plain HTTP browsers ignore it, as they should. */
export function requireTls(response: ServerResponse): void {
  response.setHeader('strict-transport-security', `max-age=${TLS_SECONDS}`);
}
