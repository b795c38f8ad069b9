import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { BUILT_WEB, buildWeb } from './build-web.ts';
import { Relay } from './relay.ts';
import { settle } from './settle.ts';

const CANDIDATES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, or null: nothing is downloaded. */
export const chromiumPath = CANDIDATES.find((path) => path !== undefined && existsSync(path)) ?? null;

const appDir = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const testFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
// A machine with other work starts a server slowly.
const DEADLINE_MS = 240_000;

interface Started {
  child: ChildProcess;
  match: string;
  printed: string;
}

/** Starts a program of ours and resolves with the first match in what it prints. */
async function start([entry, ...args]: readonly [string, ...string[]], env: Record<string, string>, ready: RegExp): Promise<Started> {
  const child = spawn(process.execPath, [entry, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const match = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${entry} did not start: ${printed}`)), DEADLINE_MS);
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const found = ready.exec(printed);
      if (found !== null) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${entry} ended with ${code}: ${printed}`));
    });
  });
  return { child, match, printed };
}

export interface ConsoleOptions {
  hasWorker?: boolean;
  /** A month of demo data: as it stands, or with its live traffic. */
  demo?: 'still' | 'live';
  /** A PostgreSQL to use instead of the embedded database. */
  databaseUrl?: string;
  /** The path it is reached under: "/ops". */
  basePath?: string;
}

/** The server of a test, with a web app and data in `folder`; with live traffic it is the command line that starts it. */
async function startServer(folder: string, { demo, databaseUrl, basePath = '' }: ConsoleOptions): Promise<Started> {
  const built = demo === 'live' ? undefined : process.env[BUILT_WEB];
  const dist = built ?? (demo === 'live' ? join(appDir('web'), 'dist') : join(folder, 'dist'));
  if (built === undefined) await buildWeb(dist);
  const store: Record<string, string> = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  const place = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: join(folder, 'data'), BASE_PATH: basePath, ...store };
  const env = { ...place, LOG_LEVEL: 'warn', TIDEMARK_AUTH: 'auto' };
  const ready = /(?<=(?:listening on|ready at) )http:\/\/127\.0\.0\.1:\d+/;
  if (demo === 'live') return start([join(appDir('cli'), 'src/main.ts'), 'demo', '--demo-port', '0'], env, ready);
  const serverModule = pathToFileURL(join(appDir('server'), 'src/index.ts')).href;
  return start([testFile('serve.ts'), serverModule, dist, ...(demo === undefined ? [] : ['--demo'])], env, ready);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 8000);
  await gone;
  clearTimeout(timer);
}

export interface CreatedWorkload {
  id: string;
  status: string;
}

/** A real server with a real agent, the built web app and a browser. `page()` records what no page may do. */
export class Console implements AsyncDisposable {
  /** Console errors, failed scripts and requests to other origins, of pages that were not told to expect them. */
  readonly complaints: string[] = [];
  #stack: AsyncDisposableStack;
  #browser: Browser;
  #folder: string;
  #pages = new Set<Page>();
  readonly url: string;
  /** The same server behind a network that can be cut. */
  readonly relay: Relay;
  /** Path and hash of the link that makes the first account. */
  readonly setupPath: string;

  private constructor(
    stack: AsyncDisposableStack,
    parts: { browser: Browser; folder: string; url: string; relay: Relay; setupPath: string },
  ) {
    this.#stack = stack;
    this.#folder = parts.folder;
    this.#browser = parts.browser;
    this.url = parts.url;
    this.relay = parts.relay;
    this.setupPath = parts.setupPath;
  }

  static async open(executablePath: string, options: ConsoleOptions = {}): Promise<Console> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-web-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const server = await startServer(folder, options);
    stack.defer(() => stop(server.child));
    const url = server.match + (options.basePath ?? '');
    const relay = await Relay.open(Number(new URL(url).port));
    stack.defer(() => relay.close());
    const flags = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ];
    const browser = await chromium.launch({ executablePath, args: flags, timeout: DEADLINE_MS });
    stack.defer(() => browser.close());
    const setupPath = /(?<=set up at http:\/\/[^/]+)\/setup#\S+/.exec(server.printed)?.[0] ?? '';
    const app = new Console(stack.move(), { browser, folder, url, relay, setupPath });
    try {
      if (options.hasWorker ?? true) await app.startWorker('web-test');
    } catch (error) {
      await app[Symbol.asyncDispose]();
      throw error;
    }
    return app;
  }

  /** A real agent beside the others, as the process it is. */
  async startWorker(name: string, args: readonly string[] = []): Promise<ChildProcess> {
    const env = { TIDEMARK_URL: this.url, TIDEMARK_WORKER_NAME: name, DATA_DIR: join(this.#folder, name) };
    const { child } = await start([join(appDir('worker'), 'src/main.ts'), ...args], env, /registered/);
    this.#stack.defer(() => stop(child));
    return child;
  }

  async context(options: BrowserContextOptions = {}, preferences: Record<string, unknown> = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    await context.addInitScript((stored) => {
      for (const [key, value] of Object.entries(stored)) localStorage.setItem(`tidemark.${key}`, JSON.stringify(value));
    }, preferences);
    context.setDefaultTimeout(60_000);
    return context;
  }

  /** A page of a context of its own, with everything read that it reads first. A page whose network will be cut may complain about that. */
  async page(
    path: string,
    options: { isCut?: boolean; preferences?: Record<string, unknown>; context?: BrowserContextOptions } = {},
  ): Promise<Page> {
    const context = await this.context(options.context, options.preferences);
    const page = await context.newPage();
    this.#pages.add(page);
    const origin = options.isCut === true ? this.relay.url : this.url;
    page.on('pageerror', (error) => this.complaints.push(`${path}: ${error.message}`));
    page.on('console', (message) => {
      const isNetwork = options.isCut === true && message.text().includes('net::ERR_');
      if (message.type() === 'error' && !isNetwork) this.complaints.push(`${path}: ${message.text()}`);
    });
    page.on('request', (request) => {
      const isOurs = request.url().startsWith(`${origin}/`) || request.url().startsWith('blob:');
      if (!isOurs) this.complaints.push(`${path}: asked ${request.url()}`);
    });
    await page.goto(origin + path);
    await settle(page);
    return page;
  }

  /** Pages that nobody looks at any more follow the server all the same. */
  async closePages(but?: Page): Promise<void> {
    const closed = [...this.#pages].filter((page) => page !== but);
    for (const page of closed) this.#pages.delete(page);
    await Promise.all(closed.map((page) => page.context().close()));
  }

  /** Creates a workload over REST. */
  async submit(input: Record<string, unknown>): Promise<CreatedWorkload> {
    const response = await fetch(`${this.url}/v1/workloads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as CreatedWorkload;
  }

  async statusOf(id: string): Promise<string> {
    const response = await fetch(`${this.url}/v1/workloads/${id}`);
    return ((await response.json()) as CreatedWorkload).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** The whole output as the page would save it. */
export async function downloadOutput(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download output' }).click()]);
  const path = await download.path();
  return readFile(path, 'utf8');
}
