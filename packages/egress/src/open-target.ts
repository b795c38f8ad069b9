import { lookup } from 'node:dns/promises';
import { connect, isIP, isIPv6, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type TLSSocket } from 'node:tls';
import { EgressError, systemCode } from './errors.ts';
import type { Stopwatch } from './phases.ts';
import type { CompiledPolicy } from './policy.ts';

/** All addresses of a name, at least one. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface Surroundings {
  policy: CompiledPolicy;
  resolve: Resolve;
  /** PEM certificates trusted beside the well-known ones. */
  ca: readonly string[];
}

export interface Target {
  host: string;
  port: number;
  isTls: boolean;
}

const ATTEMPT_MS = 2000;
const DAY_MS = 86_400_000;

export async function resolveBySystem(host: string): Promise<string[]> {
  // By definition loopback, though not every resolver knows.
  if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1'];
  const answers = await lookup(host, { all: true, order: 'verbatim' });
  return answers.map(({ address }) => address);
}

async function resolveChecked({ policy, resolve }: Surroundings, host: string): Promise<readonly string[]> {
  const hostProblem = policy.findHostProblem(host);
  if (hostProblem !== null) throw new EgressError('denied', hostProblem);
  const addresses = isIP(host) === 0 ? await resolve(host).catch((error: unknown) => failLookup(host, error)) : [host];
  if (addresses.length === 0) throw new EgressError('dns', `${host} has no address`);
  // Every one, not only the one that is used: a name that points inside as well is not to be trusted.
  for (const address of addresses) {
    const problem = policy.findAddressProblem(address, host);
    if (problem !== null) throw new EgressError('denied', problem);
  }
  return addresses;
}

function failLookup(host: string, error: unknown): never {
  const code = systemCode(error);
  const reason = code === 'ENOTFOUND' || code === 'ENODATA' ? 'no such name' : code || 'the look-up failed';
  throw new EgressError('dns', `${host} could not be resolved (${reason})`, { cause: error });
}

/** A look-up that knows only what was checked before: the name cannot mean something else a moment later. */
function pinned(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, options, callback) => {
    const [first] = answers;
    if (options.all === true || first === undefined) callback(null, answers);
    else callback(null, first.address, first.family);
  };
}

const CONNECT_WORDS: Record<string, string> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  EHOSTUNREACH: 'cannot be reached (no route to host)',
  ENETUNREACH: 'cannot be reached (no route to network)',
  ETIMEDOUT: 'did not answer',
};

async function openSocket(target: Target, addresses: readonly string[], signal: AbortSignal): Promise<Socket> {
  const { host, port } = target;
  const socket = connect({ host, port, lookup: pinned(addresses), autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_MS });
  socket.setNoDelay(true);
  await settle(socket, 'connect', signal).catch((error: unknown) => {
    const code = systemCode(error);
    throw new EgressError('connect', `${host}:${port} ${CONNECT_WORDS[code] ?? `cannot be reached (${code || 'unknown'})`}`, {
      cause: error,
    });
  });
  return socket;
}

const TLS_WORDS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  EPROTO: 'the server does not speak TLS as it should',
  ECONNRESET: 'the server closed the connection during the handshake',
};

async function openTls(socket: Socket, { target, ca }: { target: Target; ca: readonly string[] }, signal: AbortSignal): Promise<TLSSocket> {
  const { host, port } = target;
  const trusted = ca.length === 0 ? {} : { ca: [...rootCertificates, ...ca] };
  const name = isIP(host) === 0 ? { servername: host } : {};
  const secure = connectTls({ socket, host, ...name, ...trusted, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true });
  await settle(secure, 'secureConnect', signal).catch((error: unknown) => {
    socket.destroy();
    const code = systemCode(error);
    throw new EgressError('tls', `TLS with ${host}:${port} failed: ${TLS_WORDS[code] ?? (code || 'unknown reason')}`, { cause: error });
  });
  return secure;
}

function settle(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    // Stays for good: a socket without a listener for errors would end the process.
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.once(event, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    if (signal.aborted) stop();
  });
}

export interface Opened {
  socket: Socket;
  address: string;
  /** Whole days until the certificate ends, rounded down; null without TLS. */
  tls_days_left: number | null;
}

/** Looks the name up once, checks every address, and connects to one of just these. @throws EgressError */
export async function openTarget(target: Target, surroundings: Surroundings, watch: Stopwatch): Promise<Opened> {
  const { host, isTls } = target;
  const addresses = await watch.run('dns_ms', host, () => resolveChecked(surroundings, host));
  const socket = await watch.run('connect_ms', host, (signal) => openSocket(target, addresses, signal));
  const address = socket.remoteAddress ?? '';
  if (!isTls) return { socket, address, tls_days_left: null };
  const secure = await watch.run('tls_ms', host, (signal) => openTls(socket, { target, ca: surroundings.ca }, signal));
  const validTo = Date.parse(secure.getPeerCertificate().valid_to);
  return { socket: secure, address, tls_days_left: Number.isNaN(validTo) ? null : Math.floor((validTo - Date.now()) / DAY_MS) };
}
