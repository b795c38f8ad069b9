import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OidcProvider } from '@tidemark/core/adapters/oidc';
import type { DatabaseHandle } from '@tidemark/core/ports';
import { createSetupToken } from '@tidemark/core/setup';
import type { Logger } from 'pino';
import { AccessGate } from './access-gate.ts';
import { AccessWatch } from './access-watch.ts';
import { isLoopback } from './config.ts';
import type { Config } from './config.ts';
import { openCore } from './core.ts';
import type { Core } from './core.ts';
import { Edge } from './edge/edge.ts';
import { compileNetworks } from './edge/networks.ts';
import { openRateLimiter } from './edge/open-rate-limiter.ts';
import { createApp } from './http/app.ts';
import { listen, PATIENCE, stopListening } from './http/listen.ts';
import type { Patience } from './http/listen.ts';
import { createLogger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { openDatabase } from './open-database.ts';
import { openHistory } from './open-history.ts';
import { prepareDemo, type DemoOrder } from './prepare-demo.ts';

/** What a test or an embedding program brings itself; it also closes it. */
export interface ServerParts {
  readonly database?: DatabaseHandle;
  readonly log?: Logger;
  readonly web_dir?: string;
  readonly patience?: Patience;
  /** Done before anything else starts. */
  readonly demo?: DemoOrder;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly core: Core;
  /** Where the first account is made, once and within a day; null when there is one, or nobody ever has to sign in. */
  readonly setup_url: string | null;
  /** Ends streams and long polls, finishes what runs, and lets go of the database. Repeated calls wait for the first. */
  close(): Promise<void>;
}

const WEB_DIR = fileURLToPath(new URL('../../web/dist', import.meta.url));
const DRAIN_MS = 3000;

function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}

function sayWhatMatters(config: Config, { core, log }: { core: Core; log: Logger }): void {
  const { engine } = core.database.capabilities;
  if (engine === 'pglite')
    log.info({ data_dir: config.data_dir }, 'embedded database: safe against a killed process, not against a power cut');
  if (config.auth === 'off') log.warn({}, 'TIDEMARK_AUTH=off: every process on this machine may do everything');
  if (!isLoopback(config.host)) log.info({ host: config.host }, 'reachable from other machines; everybody has to sign in or send a key');
}

/** Opens the database, starts the engine and listens. @throws with a sentence a person can act on. */
export async function startServer(config: Config, parts: ServerParts = {}): Promise<RunningServer> {
  const log = parts.log ?? createLogger(config);
  const database = parts.database ?? (await openDatabase(config, log));
  const closing = new AsyncDisposableStack();
  if (parts.database === undefined) closing.defer(() => database.close());
  try {
    const history = await openHistory(config, log);
    closing.defer(() => history?.close());
    if (parts.demo !== undefined) log.info({}, await prepareDemo(parts.demo, { database, log, history }));
    const core = await openCore(config, { database, log, history });
    closing.defer(() => core.stop());
    const surroundings = { trusted_proxies: compileNetworks(config.trusted_proxies), base_path: config.base_path };
    const limiter = openRateLimiter(config, log);
    const edge = await Edge.open({ ...config, ...surroundings, core, limiter });
    closing.defer(() => edge.close());
    const gate = new AccessGate(core, config);
    await gate.requireWayIn();
    const draining = new AbortController();
    setMaxListeners(0, draining.signal);
    const metrics = new Metrics(() => ({ ...core.figures() }));
    const app = createApp({
      core,
      edge,
      gate,
      watch: new AccessWatch(gate, core),
      provider: config.oidc === null ? null : new OidcProvider(config.oidc),
      metrics,
      log,
      draining: draining.signal,
      web_dir: parts.web_dir ?? WEB_DIR,
    });
    const { server, port } = await listen(app, {
      host: config.host,
      port: config.port,
      patience: parts.patience ?? PATIENCE,
      connections: { total: config.max_connections, per_address: config.max_connections_per_address },
      surroundings,
    });
    closing.defer(() => stopListening(server, DRAIN_MS));
    closing.defer(() => draining.abort());
    sayWhatMatters(config, { core, log });
    const url = urlOf(config.host, port);
    const setupToken = config.auth === 'off' ? null : await createSetupToken(core);
    let closed: Promise<void> | null = null;
    // After the "#": a browser keeps that part to itself, so no log and no proxy sees the token.
    const setupUrl = setupToken === null ? null : `${url}/setup#token=${setupToken}`;
    return { url, port, core, setup_url: setupUrl, close: () => (closed ??= closing.disposeAsync()) };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}
