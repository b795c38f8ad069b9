import { request as httpRequest } from 'node:http';
import { createTestDatabase } from '@tidemark/core/testing';
import type { Engine } from '@tidemark/core/testing';
import { pino } from 'pino';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { DEFAULT_BUDGETS } from '../edge/budgets.ts';
import type { DemoOrder } from '../prepare-demo.ts';
import type { Patience } from '../http/listen.ts';
import { startServer } from '../start-server.ts';
import type { RunningServer } from '../start-server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null when it is not. */
  readonly json: unknown;
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly running: RunningServer;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Sends JSON to `METHOD /path`; a string goes as it is. */
  send(call: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** For headers `fetch` keeps to itself, such as Host. */
  raw(options: { method?: string; path: string; headers: Record<string, string>; body?: string }): Promise<Answer>;
}

const CONFIG: Config = {
  host: '127.0.0.1',
  port: 0,
  data_dir: 'unused',
  database_url: null,
  redis_url: null,
  history_store: 'sql',
  auth: 'auto',
  admin_key: null,
  worker_key: null,
  oidc: null,
  egress_allow: [],
  secret_keys: ['a key of tests that is thirty-two characters long'],
  trusted_proxies: [],
  base_path: '',
  network_allow: [],
  cors_origins: [],
  // A suite signs in more often than a person.
  rate_limits: { ...DEFAULT_BUDGETS, auth: 10_000 },
  max_connections: 10_000,
  max_connections_per_address: 4000,
  max_streams_per_caller: 2000,
  log_level: 'silent',
  log_format: 'json',
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function sendRaw(url: string, options: { method?: string; path: string; headers: Record<string, string>; body?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const call = httpRequest({
      host: target.hostname,
      port: target.port,
      method: options.method ?? 'GET',
      path: options.path,
      headers: options.headers,
      setHost: false,
    });
    call.on('error', reject);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const headers = new Headers(Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]));
        resolve({ status: response.statusCode ?? 0, headers, text, json: parse(text) });
      });
    });
    call.end(options.body);
  });
}

/** A server on a fresh database and a free port. */
export async function startTestServer(
  engine: Engine,
  options: { config?: Partial<Config>; web_dir?: string; patience?: Patience; log?: Logger; demo?: DemoOrder } = {},
): Promise<TestServer> {
  const database = await createTestDatabase(engine);
  const { config, ...given } = options;
  const parts = { log: pino({ level: 'silent' }), ...given, database: database.handle };
  const running = await startServer({ ...CONFIG, ...config }, parts).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const { url } = running;
  return {
    url,
    running,
    get: async (path, headers = {}) => answerOf(await fetch(url + path, { headers })),
    send: async (call, body, headers = {}) => {
      const [method = '', path = ''] = call.split(' ');
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const init =
        body === undefined ? { method, headers } : { method, body: text, headers: { 'content-type': 'application/json', ...headers } };
      return answerOf(await fetch(url + path, init));
    },
    raw: (raw) => sendRaw(url, raw),
    [Symbol.asyncDispose]: async () => {
      await running.close();
      await database.close();
    },
  };
}
