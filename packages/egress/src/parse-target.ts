import { EgressError } from './errors.ts';
import type { Target } from './open-target.ts';
import { normaliseHost } from './policy.ts';

const MAX_URL_CHARS = 8192;

/** They speak another protocol, which a crafted request could be made to look like. */
const FOREIGN_PORTS = new Set([
  19, 21, 22, 23, 25, 53, 110, 119, 135, 139, 143, 445, 465, 587, 993, 995, 2049, 3306, 5432, 6379, 11_211, 27_017,
]);

/** @throws EgressError `invalid` when the URL is none, is not http or https, or carries credentials. */
export function parseTarget(text: string): { url: URL; target: Target } {
  if (text.length > MAX_URL_CHARS) throw new EgressError('invalid', `the URL is longer than ${MAX_URL_CHARS} characters`);
  if (Array.from(text).some((character) => character <= ' ' || character === '\u007F')) {
    throw new EgressError('invalid', 'the URL contains spaces or control characters');
  }
  const url = URL.parse(text);
  if (url === null) throw new EgressError('invalid', `"${text.slice(0, 200)}" is not a URL`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new EgressError('invalid', `only http and https are allowed, not ${url.protocol.slice(0, 32)}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new EgressError('invalid', 'the URL contains a user name or password; send them in a header instead');
  }
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  return { url, target: { host: normaliseHost(url.hostname), port: checkHttpPort(port), isTls } };
}

/** @throws EgressError `denied` for ports that belong to another protocol. */
function checkHttpPort(port: number): number {
  if (port === 0) throw new EgressError('invalid', 'port 0 cannot be connected to');
  if (FOREIGN_PORTS.has(port)) throw new EgressError('denied', `port ${port} belongs to another protocol than HTTP`);
  return port;
}

/** @throws EgressError `invalid` */
export function checkPort(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new EgressError('invalid', `${port} is not a port (1 to 65535)`);
}
