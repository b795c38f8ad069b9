import { hash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '@tidemark/api/server';
import { authenticate, hasLiveKey } from '@tidemark/core/access';
import { AppError } from '@tidemark/core/errors';
import type { CoreContext } from '@tidemark/core/ports';
import { isLoopback } from './config.ts';
import type { Config } from './config.ts';

/** How long a judged key, and the answer to "is there a key?", is believed: what other servers change shows within it. */
const BELIEVED_MS = 1000;
const MAX_BELIEVED_KEYS = 10_000;

const OPEN: Actor = { kind: 'open', id: null, role: 'admin' };
const ANONYMOUS: Actor = { kind: 'anonymous', id: null, role: null };
const BOOTSTRAP: Actor = { kind: 'key', id: 'bootstrap', role: 'admin' };
const BOOTSTRAP_WORKER: Actor = { kind: 'key', id: 'bootstrap-worker', role: 'worker' };

interface Believed<Value> {
  readonly value: Value;
  readonly until: number;
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

function credentialOf(headers: Headers): string | null {
  const authorization = headers.get('authorization');
  const bearer = authorization === null ? null : (/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
  const header = headers.get('x-api-key');
  if (bearer !== null && header !== null && bearer !== header) {
    throw new AppError('VALIDATION', 'Two different keys were sent. Use either "Authorization: Bearer" or "x-api-key".');
  }
  return bearer ?? header;
}

/** `host` of "host:port", brackets of IPv6 kept. */
function hostName(hostAndPort: string): string {
  return hostAndPort.replace(/:[0-9]*$/, '').toLowerCase();
}

/** Decides who is calling, and refuses what a foreign web page may have sent. */
export class AccessGate {
  readonly #core: CoreContext;
  readonly #config: Config;
  readonly #adminDigest: Buffer | null;
  readonly #workerDigest: Buffer | null;
  readonly #hosts: ReadonlySet<string>;
  readonly #keys = new Map<string, Believed<Actor | null>>();
  #isKeyed: Believed<boolean> | null = null;

  constructor(core: CoreContext, config: Config) {
    this.#core = core;
    this.#config = config;
    this.#adminDigest = config.admin_key === null ? null : digest(config.admin_key);
    this.#workerDigest = config.worker_key === null ? null : digest(config.worker_key);
    this.#hosts = new Set(['localhost', '127.0.0.1', '[::1]', config.host.toLowerCase(), `[${config.host}]`]);
  }

  /** Forgets what it believes: keys changed. */
  readonly forget = (): void => {
    this.#keys.clear();
    this.#isKeyed = null;
  };

  /** @throws when nobody could ever get in, or everybody could from afar. */
  async requireWayIn(): Promise<void> {
    if (await this.#isOpen()) return;
    if (this.#adminDigest !== null || (await hasLiveKey(this.#core, 'admin'))) return;
    const reason = isLoopback(this.#config.host)
      ? 'TIDEMARK_AUTH asks for keys'
      : `${this.#config.host} can be reached from other machines`;
    throw new AppError(
      'FORBIDDEN',
      `${reason}, but there is no key to get in with. Set TIDEMARK_ADMIN_KEY to a long random text, or use HOST=127.0.0.1.`,
    );
  }

  /** @throws {AppError} UNAUTHORIZED for a bad key, FORBIDDEN for a foreign page, VALIDATION for two keys. */
  async actorOf(request: Request): Promise<Actor> {
    if (await this.#isOpen()) {
      this.#refuseForeignPage(request);
      return OPEN;
    }
    const credential = credentialOf(request.headers);
    if (credential === null) return ANONYMOUS;
    const actor = await this.#actorOfKey(credential);
    if (actor === null) throw new AppError('UNAUTHORIZED', 'This key is not known, or no longer valid.');
    return actor;
  }

  async #isOpen(): Promise<boolean> {
    const { auth, host } = this.#config;
    if (auth === 'off') return true;
    if (auth === 'required' || this.#adminDigest !== null || !isLoopback(host)) return false;
    const now = performance.now();
    if (this.#isKeyed === null || this.#isKeyed.until < now) {
      const known = this.#isKeyed;
      // A database that is away for a moment changes nothing about who may come in.
      const value = await hasLiveKey(this.#core).catch((error: unknown) => {
        if (known === null) throw error;
        return known.value;
      });
      // Keys may have changed while the database was asked: then the answer counts for this request only.
      if (this.#isKeyed !== known) return !value;
      this.#isKeyed = { value, until: now + BELIEVED_MS };
    }
    return !this.#isKeyed.value;
  }

  async #actorOfKey(credential: string): Promise<Actor | null> {
    const sent = digest(credential);
    if (this.#adminDigest !== null && timingSafeEqual(sent, this.#adminDigest)) return BOOTSTRAP;
    if (this.#workerDigest !== null && timingSafeEqual(sent, this.#workerDigest)) return BOOTSTRAP_WORKER;
    const name = sent.toString('base64');
    const believed = this.#keys.get(name);
    const now = performance.now();
    if (believed !== undefined && believed.until >= now) return believed.value;
    const key = await authenticate(this.#core, credential);
    const actor: Actor | null = key === null ? null : { kind: 'key', id: key.id, role: key.role };
    if (this.#keys.size >= MAX_BELIEVED_KEYS) this.#keys.clear();
    if (actor !== null) this.#keys.set(name, { value: actor, until: now + BELIEVED_MS });
    return actor;
  }

  /** An open server is protected by nothing but its address: a page must not reach it through a name or from another origin. */
  #refuseForeignPage(request: Request): void {
    const host = request.headers.get('host') ?? '';
    if (!this.#hosts.has(hostName(host))) {
      throw new AppError(
        'FORBIDDEN',
        `This server has no keys, so it answers to localhost and ${this.#config.host} only. Create a key to use another name.`,
      );
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const origin = request.headers.get('origin');
    if (origin !== null && origin !== `http://${host}` && !isRead)
      throw new AppError('FORBIDDEN', 'This request comes from another web page.');
    const site = request.headers.get('sec-fetch-site');
    const isForeign = site === 'cross-site' || site === 'same-site';
    const isVisit = isRead && request.headers.get('sec-fetch-mode') === 'navigate';
    if (isForeign && !isVisit) throw new AppError('FORBIDDEN', 'This request comes from another web page.');
  }
}
