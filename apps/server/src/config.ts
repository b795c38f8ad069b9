import { resolve } from 'node:path';
import type { OidcSettings } from '@tidemark/core/adapters/oidc';
import type { RateBudgets } from '@tidemark/core/ports';
import { readBudgets } from './edge/budgets.ts';
import { basePathOf } from './edge/caller.ts';
import { isNetwork } from './edge/networks.ts';

export type AuthMode = 'auto' | 'required' | 'off';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** What the environment decides; the table is in docs/operate.md. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly data_dir: string;
  /** Null: the embedded database in `data_dir`. */
  readonly database_url: string | null;
  readonly redis_url: string | null;
  readonly history_store: 'sql' | 'redis';
  readonly auth: AuthMode;
  readonly admin_key: string | null;
  /** A key for workers only, known to whoever started this server: `tidemark up` hands one to its worker. */
  readonly worker_key: string | null;
  /** The identity provider people may sign in through; null: passwords only. */
  readonly oidc: OidcSettings | null;
  /** Targets besides public addresses that monitors and notices may reach. */
  readonly egress_allow: readonly string[];
  /** Texts of the keys for secrets, the current one first; empty: the one in `data_dir`. */
  readonly secret_keys: readonly string[];
  /** Proxies whose X-Forwarded-* headers are believed. */
  readonly trusted_proxies: readonly string[];
  /** Path the server is reached under behind a proxy: "" or "/prefix". */
  readonly base_path: string;
  /** Who may call; empty for everybody. */
  readonly network_allow: readonly string[];
  /** Origins whose pages may read answers. */
  readonly cors_origins: readonly string[];
  /** Calls per minute of one caller; null when nothing is counted. */
  readonly rate_limits: RateBudgets | null;
  readonly max_connections: number;
  readonly max_connections_per_address: number;
  /** Live streams and waiting calls that one key or person keeps open on this server. */
  readonly max_streams_per_caller: number;
  readonly log_level: LogLevel;
  readonly log_format: 'pretty' | 'json';
}

/** Everything that is wrong with the configuration at once, one sentence per line. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

const MIN_SECRET_KEY_CHARS = 32;
const MIN_ADMIN_KEY_CHARS = 8;

/** Reads variables and collects what is wrong with them. */
class Reader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  text(name: string): string | null {
    const value = this.#env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  }

  choice<Value extends string>(name: string, fallback: Value, values: readonly Value[]): Value {
    const given = this.text(name);
    const value = values.find((candidate) => candidate === given);
    if (given === null) return fallback;
    if (value === undefined) this.problems.push(`${name} must be one of ${values.join(', ')}, not "${given}".`);
    return value ?? fallback;
  }

  port(name: string, fallback: number): number {
    const given = this.text(name);
    if (given === null) return fallback;
    const isPort = /^[0-9]{1,5}$/.test(given) && Number(given) <= 65_535;
    if (!isPort) this.problems.push(`${name} must be a port number from 0 to 65535, not "${given}".`);
    return Number(given);
  }

  /** Entries separated by commas. */
  list(name: string): string[] {
    return (this.text(name) ?? '').split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()]));
  }

  count(name: string, fallback: number): number {
    const given = this.text(name);
    if (given === null) return fallback;
    const isCount = /^[0-9]{1,7}$/.test(given) && Number(given) >= 1;
    if (!isCount) this.problems.push(`${name} must be a number from 1 to 9999999, not "${given}".`);
    return Number(given);
  }

  /** Never repeats a value. */
  secretKeys(name: string): string[] {
    const keys = this.list(name);
    if (keys.some((key) => key.length < MIN_SECRET_KEY_CHARS))
      this.problems.push(
        `${name} must be at least ${MIN_SECRET_KEY_CHARS} random characters; several keys are separated by commas, the current one first.`,
      );
    return keys;
  }

  /** Addresses and CIDR; nothing that would be a guess, such as a number of hops. */
  networks(name: string): string[] {
    const entries = this.list(name);
    for (const entry of entries)
      if (!isNetwork(entry)) this.problems.push(`${name} must list addresses or CIDR, such as 127.0.0.1 or 10.0.0.0/8, not "${entry}".`);
    return entries;
  }

  origins(name: string): string[] {
    const entries = this.list(name);
    for (const entry of entries) {
      const isOrigin = /^https?:/.test(entry) && URL.canParse(entry) && new URL(entry).origin === entry;
      if (!isOrigin) this.problems.push(`${name} must list origins such as https://console.example.com, not "${entry}".`);
    }
    return entries;
  }

  basePath(name: string): string {
    const path = basePathOf(this.text(name) ?? '');
    if (path === null) this.problems.push(`${name} must be a path such as /tidemark.`);
    return path ?? '';
  }

  rateLimits(name: string): RateBudgets | null {
    const budgets = readBudgets(this.text(name));
    if (budgets === null || !('problem' in budgets)) return budgets;
    this.problems.push(budgets.problem);
    return null;
  }

  /** Never repeats the value: it may hold a password. */
  url(name: string, schemes: readonly string[]): string | null {
    const given = this.text(name);
    if (given === null) return null;
    const scheme = URL.canParse(given) ? new URL(given).protocol.slice(0, -1) : null;
    if (scheme === null || !schemes.includes(scheme)) {
      this.problems.push(`${name} must be a URL that starts with ${schemes.map((known) => `${known}://`).join(' or ')}.`);
    }
    return given;
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

const OIDC_ROLES = ['viewer', 'operator', 'none'] as const;

/** Where the provider sends browsers back to: told, or below the address everybody uses. */
function redirectUrlOf(reader: Reader): string | null {
  const told = reader.url('TIDEMARK_OIDC_REDIRECT_URL', ['https', 'http']);
  const home = reader.url('TIDEMARK_PUBLIC_URL', ['https', 'http']);
  return told ?? (home === null ? null : `${home.replace(/\/+$/, '')}/v1/session/oidc/callback`);
}

function readOidc(reader: Reader): OidcSettings | null {
  const issuer = reader.url('TIDEMARK_OIDC_ISSUER', ['https', 'http']);
  if (issuer === null) return null;
  if (URL.canParse(issuer) && new URL(issuer).protocol === 'http:' && !isLoopback(new URL(issuer).hostname))
    reader.problems.push('TIDEMARK_OIDC_ISSUER must start with https://; http:// is for an issuer on this machine only.');
  const clientId = reader.text('TIDEMARK_OIDC_CLIENT_ID');
  if (clientId === null) reader.problems.push('TIDEMARK_OIDC_ISSUER needs TIDEMARK_OIDC_CLIENT_ID.');
  const redirectUrl = redirectUrlOf(reader);
  if (redirectUrl === null)
    reader.problems.push(
      'TIDEMARK_OIDC_ISSUER needs TIDEMARK_PUBLIC_URL, such as https://tidemark.example.com, or TIDEMARK_OIDC_REDIRECT_URL.',
    );
  const scope = reader.text('TIDEMARK_OIDC_SCOPE') ?? 'openid profile email';
  if (!scope.split(' ').includes('openid')) reader.problems.push('TIDEMARK_OIDC_SCOPE must contain openid.');
  const defaultRole = reader.choice('TIDEMARK_OIDC_DEFAULT_ROLE', 'viewer', OIDC_ROLES);
  const mapping = {
    role_claim: reader.text('TIDEMARK_OIDC_ROLE_CLAIM'),
    admin_values: reader.list('TIDEMARK_OIDC_ADMIN_VALUES'),
    operator_values: reader.list('TIDEMARK_OIDC_OPERATOR_VALUES'),
    viewer_values: reader.list('TIDEMARK_OIDC_VIEWER_VALUES'),
  };
  if (
    mapping.role_claim === null &&
    [mapping.admin_values, mapping.operator_values, mapping.viewer_values].some(({ length }) => length > 0)
  )
    reader.problems.push('TIDEMARK_OIDC_ADMIN_VALUES, …_OPERATOR_VALUES and …_VIEWER_VALUES need TIDEMARK_OIDC_ROLE_CLAIM.');
  return {
    ...mapping,
    issuer,
    client_id: clientId ?? '',
    client_secret: reader.text('TIDEMARK_OIDC_CLIENT_SECRET'),
    redirect_url: redirectUrl ?? '',
    scope,
    default_role: defaultRole === 'none' ? null : defaultRole,
  };
}

/** The configuration of an environment, defaults applied. @throws {ConfigError} with every problem. */
export function readConfig(env: Environment, isTty: boolean): Config {
  const reader = new Reader(env);
  const config: Config = {
    host: reader.text('HOST') ?? '127.0.0.1',
    port: reader.port('PORT', 3000),
    data_dir: resolve(reader.text('DATA_DIR') ?? './data'),
    database_url: reader.url('DATABASE_URL', ['postgres', 'postgresql']),
    redis_url: reader.url('REDIS_URL', ['redis', 'rediss']),
    history_store: reader.choice('HISTORY_STORE', 'sql', ['sql', 'redis']),
    auth: reader.choice('TIDEMARK_AUTH', 'auto', ['auto', 'required', 'off']),
    admin_key: reader.text('TIDEMARK_ADMIN_KEY'),
    worker_key: reader.text('TIDEMARK_WORKER_KEY'),
    oidc: readOidc(reader),
    egress_allow: reader.list('EGRESS_ALLOW'),
    secret_keys: reader.secretKeys('TIDEMARK_SECRET_KEY'),
    trusted_proxies: reader.networks('TRUSTED_PROXIES'),
    base_path: reader.basePath('BASE_PATH'),
    network_allow: reader.networks('NETWORK_ALLOW'),
    cors_origins: reader.origins('CORS_ORIGINS'),
    rate_limits: reader.rateLimits('RATE_LIMITS'),
    max_connections: reader.count('MAX_CONNECTIONS', 10_000),
    max_connections_per_address: reader.count('MAX_CONNECTIONS_PER_ADDRESS', 4000),
    max_streams_per_caller: reader.count('MAX_STREAMS_PER_CALLER', 2000),
    log_level: reader.choice('LOG_LEVEL', 'info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    log_format: reader.choice('LOG_FORMAT', isTty ? 'pretty' : 'json', ['pretty', 'json']),
  };
  const { problems } = reader;
  if (config.auth === 'off' && !isLoopback(config.host)) {
    problems.push(
      `TIDEMARK_AUTH=off would let everyone who reaches ${config.host} do everything. Use it with HOST=127.0.0.1 only, or set TIDEMARK_ADMIN_KEY and TIDEMARK_AUTH=required.`,
    );
  }
  if (config.admin_key !== null && (config.admin_key.length < MIN_ADMIN_KEY_CHARS || /\s/.test(config.admin_key))) {
    problems.push(`TIDEMARK_ADMIN_KEY must have at least ${MIN_ADMIN_KEY_CHARS} characters and no spaces.`);
  }
  if (config.auth === 'off' && config.admin_key !== null) {
    problems.push('TIDEMARK_AUTH=off and TIDEMARK_ADMIN_KEY contradict each other. Unset one of them.');
  }
  if (config.history_store === 'redis' && config.redis_url === null)
    problems.push('HISTORY_STORE=redis needs REDIS_URL. Set it, or leave HISTORY_STORE out: the database keeps the history of monitors.');
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
