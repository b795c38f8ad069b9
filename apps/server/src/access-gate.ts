import { hash, timingSafeEqual } from 'node:crypto';
import { actorOf } from '@tidemark/api/server';
import type { Actor } from '@tidemark/api/server';
import { ACCESS_TOPIC, authenticate, hasWayIn } from '@tidemark/core/access';
import { AppError } from '@tidemark/core/errors';
import type { CoreContext } from '@tidemark/core/ports';
import { findSession } from '@tidemark/core/sessions';
import { isLoopback } from './config.ts';
import type { Config } from './config.ts';
import type { Caller } from './edge/caller.ts';
import { sessionTokenOf } from './http/session-cookie.ts';

/** How long a judged key, and the answer to "is there a key?", is believed: what other servers change shows within it. */
const BELIEVED_MS = 1000;
const MAX_BELIEVED = 10_000;

const OPEN = actorOf({ kind: 'open', id: null, role: 'admin' });
const ANONYMOUS = actorOf({ kind: 'anonymous', id: null, role: null });
const BOOTSTRAP = actorOf({ kind: 'key', id: 'bootstrap', role: 'admin', name: 'TIDEMARK_ADMIN_KEY' });
const BOOTSTRAP_WORKER = actorOf({
  kind: 'key',
  id: 'bootstrap-worker',
  role: 'worker',
  name: 'TIDEMARK_WORKER_KEY',
  key_family: 'bootstrap-worker',
});

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

function foreignPage(): AppError {
  return new AppError('FORBIDDEN', 'This request comes from another web page.', { data: { reason: 'origin' } });
}

/** @throws when the page that sends this was not loaded from the host it sends it to. */
function refuseOtherOrigin(request: Request, { host }: Caller): void {
  const origin = request.headers.get('origin') ?? '';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && (!URL.canParse(origin) || new URL(origin).host !== host)) throw foreignPage();
}

/** What a browser sends along by itself proves nothing about who asked for it: a change must come from our own page. */
function refuseCrossSite(request: Request): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const site = request.headers.get('sec-fetch-site');
  if (!isRead && request.headers.get('origin') === null && site !== 'same-origin') throw foreignPage();
  const isForeign = site === 'cross-site' || site === 'same-site';
  if (isForeign && !(isRead && request.headers.get('sec-fetch-mode') === 'navigate')) throw foreignPage();
}

/** Decides who is calling, and refuses what a foreign web page may have sent. */
export class AccessGate {
  readonly #core: CoreContext;
  readonly #config: Config;
  readonly #adminDigest: Buffer | null;
  readonly #workerDigest: Buffer | null;
  readonly #hosts: ReadonlySet<string>;
  readonly #actors = new Map<string, Believed<Actor>>();
  #round = 0;
  #isKeyed: Believed<boolean> | null = null;

  constructor(core: CoreContext, config: Config) {
    this.#core = core;
    this.#config = config;
    this.#adminDigest = config.admin_key === null ? null : digest(config.admin_key);
    this.#workerDigest = config.worker_key === null ? null : digest(config.worker_key);
    this.#hosts = new Set(['localhost', '127.0.0.1', '[::1]', config.host.toLowerCase(), `[${config.host}]`]);
  }

  /** Keys, people or sessions changed: forgets what it believes, and tells those who let somebody in for long, on all servers. */
  readonly accessChanged = (): void => {
    this.forget();
    this.#core.hub.publish([ACCESS_TOPIC]);
  };

  /** Forgets what it believes. */
  readonly forget = (): void => {
    this.#round += 1;
    this.#actors.clear();
    this.#isKeyed = null;
  };

  /** @throws when everybody could get in from afar, or nobody ever. */
  async requireWayIn(): Promise<void> {
    const { auth, host } = this.#config;
    // Asked for by name: then the set-up link printed at start is the way in.
    if (auth === 'required' || this.#adminDigest !== null || (await this.#isOpen())) return;
    if (await hasWayIn(this.#core)) return;
    throw new AppError(
      'FORBIDDEN',
      `${host} can be reached from other machines, but nobody could sign in. Set TIDEMARK_AUTH=required to get a one-time link for the first account, or TIDEMARK_ADMIN_KEY to a long random text, or use HOST=127.0.0.1.`,
    );
  }

  /** @throws {AppError} UNAUTHORIZED for a bad key, FORBIDDEN for a foreign page, VALIDATION for two keys. */
  async actorOf(request: Request, caller: Caller): Promise<Actor> {
    if (await this.#isOpen()) {
      this.#refuseAfar(caller);
      this.#refuseForeignPage(request, caller);
      return OPEN;
    }
    const credential = credentialOf(request.headers);
    if (credential !== null) {
      const actor = await this.#actorOfKey(credential);
      if (actor === null) throw new AppError('UNAUTHORIZED', 'This key is not known, or no longer valid.');
      return actor;
    }
    // A page may not even try to sign somebody in at another site.
    if (request.headers.get('origin') !== null) refuseOtherOrigin(request, caller);
    const token = sessionTokenOf(request.headers);
    const actor = token === null ? null : await this.#actorOfSession(token);
    if (actor === null) return ANONYMOUS;
    refuseCrossSite(request);
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
      const value = await hasWayIn(this.#core).catch((error: unknown) => {
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
    return this.#believe(sent, async () => {
      const key = await authenticate(this.#core, credential);
      return key === null ? null : actorOf({ ...key, kind: 'key', key_family: key.family });
    });
  }

  #actorOfSession(token: string): Promise<Actor | null> {
    return this.#believe(digest(`session ${token}`), async () => {
      const user = await findSession(this.#core, token);
      return user === null ? null : actorOf({ ...user, kind: 'user', id: user.user_id, name: user.email });
    });
  }

  async #believe(sent: Buffer, judge: () => Promise<Actor | null>): Promise<Actor | null> {
    const name = sent.toString('base64');
    const believed = this.#actors.get(name);
    const now = performance.now();
    if (believed !== undefined && believed.until >= now) return believed.value;
    const round = this.#round;
    const actor = await judge();
    if (this.#actors.size >= MAX_BELIEVED) this.#actors.clear();
    // What changed while the database was asked counts for this request only.
    if (actor !== null && round === this.#round) this.#actors.set(name, { value: actor, until: now + BELIEVED_MS });
    return actor;
  }

  /** A proxy on this machine must not lend its address to the world. */
  #refuseAfar({ address, is_relayed: isRelayed }: Caller): void {
    if (isLoopback(address) && !isRelayed) return;
    throw new AppError(
      'FORBIDDEN',
      'This server has no keys, so it answers to this machine only, not through a proxy. Set TIDEMARK_ADMIN_KEY, or create a key.',
    );
  }

  /** An open server is protected by nothing but its address: a page must not reach it through a name or from another origin. */
  #refuseForeignPage(request: Request, { host, scheme }: Caller): void {
    if (!this.#hosts.has(hostName(host))) {
      throw new AppError(
        'FORBIDDEN',
        `Nobody needs to sign in here, so this server answers to localhost and ${this.#config.host} only. Create an account or a key to use another name.`,
      );
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const origin = request.headers.get('origin');
    if (origin !== null && origin !== `${scheme}://${host}` && !isRead) throw foreignPage();
    const site = request.headers.get('sec-fetch-site');
    const isForeign = site === 'cross-site' || site === 'same-site';
    const isVisit = isRead && request.headers.get('sec-fetch-mode') === 'navigate';
    if (isForeign && !isVisit) throw foreignPage();
  }
}
