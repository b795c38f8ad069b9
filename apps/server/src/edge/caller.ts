import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { plainAddress } from './networks.ts';
import type { Networks } from './networks.ts';

/** Who is at the other end, as far as the connection and the proxies we trust can tell. */
export interface Caller {
  /** IPv4 where it is one, never "::ffff:…"; "unknown" when the socket is gone already. */
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** What the caller typed: name and port, lower case. */
  readonly host: string;
  /** Path the server is reached under: "" or "/prefix". */
  readonly base_path: string;
  /** Came through a proxy nobody told us to trust: the address is the proxy's. */
  readonly is_relayed: boolean;
}

/** What is known before any request. */
export interface Surroundings {
  readonly trusted_proxies: Networks;
  readonly base_path: string;
}

const PREFIX = /^(?:\/[A-Za-z0-9._~-]{1,64}){1,8}$/;
const HOST = /^[A-Za-z0-9._-]{1,253}(?::[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?$/;
const MAX_HOPS = 20;
const RELAY_HEADERS = ['x-forwarded-for', 'x-real-ip', 'forwarded'];

/** "" or "/prefix" of what a person or a proxy wrote; null when it is none. */
export function basePathOf(text: string): string | null {
  const path = text.replace(/\/+$/, '');
  return path === '' || (PREFIX.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path)) ? path : null;
}

function headerOf(incoming: IncomingMessage, name: string): string | null {
  const value = incoming.headers[name];
  return typeof value === 'string' ? value : null;
}

/** The address without port of one entry of X-Forwarded-For, or null. */
function addressOf(entry: string): string | null {
  const text = entry.trim();
  const bracketed = /^\[([^\]]+)\](?::[0-9]+)?$/.exec(text)?.[1];
  const bare = bracketed ?? (/^[0-9.]+:[0-9]+$/.test(text) ? text.slice(0, text.indexOf(':')) : text);
  return isIP(bare) === 0 ? null : plainAddress(bare);
}

/** From the nearest hop outwards, as long as each hop is a proxy we trust: what stands beyond could be made up. */
function clientAddress(forwarded: string, { peer, trusted }: { peer: string; trusted: Networks }): string {
  let address = peer;
  const hops = forwarded.split(',').slice(-MAX_HOPS);
  for (const entry of hops.toReversed()) {
    if (!trusted.has(address)) break;
    const next = addressOf(entry);
    if (next === null) break;
    address = next;
  }
  return address;
}

/** The last entry of a list: the one the proxy next to us wrote. */
function nearest(value: string | null): string | null {
  return value === null ? null : (value.split(',').at(-1)?.trim() ?? null);
}

export function callerOf(incoming: IncomingMessage, { trusted_proxies: trusted, base_path }: Surroundings): Caller {
  const { remoteAddress } = incoming.socket;
  const peer = remoteAddress === undefined ? 'unknown' : plainAddress(remoteAddress);
  const host = (headerOf(incoming, 'host') ?? '').toLowerCase();
  if (trusted.size === 0 || !trusted.has(peer)) {
    const is_relayed = RELAY_HEADERS.some((name) => incoming.headers[name] !== undefined);
    return { address: peer, scheme: 'http', host, base_path, is_relayed };
  }
  const forwardedHost = nearest(headerOf(incoming, 'x-forwarded-host'));
  const prefix = base_path === '' ? basePathOf(nearest(headerOf(incoming, 'x-forwarded-prefix')) ?? '') : base_path;
  return {
    address: clientAddress(headerOf(incoming, 'x-forwarded-for') ?? '', { peer, trusted }),
    scheme: nearest(headerOf(incoming, 'x-forwarded-proto'))?.toLowerCase() === 'https' ? 'https' : 'http',
    host: forwardedHost !== null && HOST.test(forwardedHost) ? forwardedHost.toLowerCase() : host,
    base_path: prefix ?? '',
    is_relayed: false,
  };
}

/** The target as if the server stood at the root; what does not lie under the base path stays as it is. */
export function withoutBasePath(target: string, basePath: string): string {
  if (basePath === '' || !target.startsWith(basePath)) return target;
  const rest = target.slice(basePath.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : target;
}
