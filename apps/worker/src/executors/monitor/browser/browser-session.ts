import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Egress, type EgressError, startProxy } from '@tidemark/egress';
import type { Browser, Page } from 'playwright-core';
import { killLeftovers, RUN_MARK } from '../../../processes/process-tree.ts';
import { StepFailure } from '../step-outcome.ts';
import type { Chromium } from './find-chromium.ts';

const MAX_DIALOGS = 20;
const MAX_POPUPS = 20;
const MAX_BYTES = 100_000_000;
const MAX_REFUSALS = 20;
const START_MS = 20_000;
const CLOSE_MS = 3000;
const VIEWPORT = { width: 1280, height: 720 };

// Nothing goes around the proxy: no QUIC, no WebRTC over UDP, no look-up of its own, no calls home.
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--no-first-run',
  '--no-pings',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

export interface SessionOptions {
  chromium: Chromium;
  egress: Egress;
  /** Start of the mark of every process; see `killLeftovers`. */
  mark: string;
  /** Aborted when the run has to stop: the browser is killed. */
  signal: AbortSignal;
}

/** One browser with an empty profile and one page, for one try of one run. */
export interface BrowserSession {
  readonly page: Page;
  /** What the page asked for and was refused, oldest first. */
  readonly refusals: readonly EgressError[];
  /** Rejects when the page has to be given up: it crashed, or opened dialogs or windows without end. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
}

/** Root may not use Chromium's own sandbox; everybody else has to. */
const hasOwnSandbox = (): boolean => process.getuid?.() !== 0;

/** What the browser asks for on its own account goes nowhere; only its pages get the real proxy. */
const NOWHERE = 'http://127.0.0.1:1';

async function launch({ chromium, signal }: SessionOptions, env: Record<string, string>): Promise<Browser> {
  // Loaded with the first page: most agents never need it.
  const { chromium: engine } = await import('playwright-core');
  if (signal.aborted) throw new StepFailure('the browser was not started: the run has to stop');
  return engine.launch({
    executablePath: chromium.path,
    headless: true,
    chromiumSandbox: hasOwnSandbox(),
    args: ARGUMENTS,
    env,
    proxy: { server: NOWHERE },
    timeout: START_MS,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

async function openPage(browser: Browser, proxy: string): Promise<{ page: Page; broken: Promise<never> }> {
  const context = await browser.newContext({
    acceptDownloads: false,
    serviceWorkers: 'block',
    viewport: VIEWPORT,
    // Playwright makes loopback go through it as well, which Chromium alone would not.
    proxy: { server: proxy },
  });
  const page = await context.newPage();
  const trouble = Promise.withResolvers<never>();
  // It is looked at only while an action runs.
  trouble.promise.catch(() => undefined);
  const giveUp = (reason: string): void => {
    trouble.reject(new StepFailure(reason));
    void page.close({ runBeforeUnload: false }).catch(() => undefined);
  };
  let dialogs = 0;
  let popups = 0;
  page.on('dialog', (dialog) => {
    dialogs += 1;
    if (dialogs > MAX_DIALOGS) giveUp(`the page opened more than ${MAX_DIALOGS} dialogs`);
    // Leaving a page is what an action asked for; every other question is answered with no.
    else void (dialog.type() === 'beforeunload' ? dialog.accept() : dialog.dismiss()).catch(() => undefined);
  });
  context.on('page', (popup) => {
    popups += 1;
    if (popups > MAX_POPUPS) giveUp(`the page opened more than ${MAX_POPUPS} windows`);
    void popup.close().catch(() => undefined);
  });
  page.on('crash', () => giveUp('the page crashed'));
  return { page, broken: trouble.promise };
}

/** @throws when the browser does not start. Nothing of it is left after `close`, nor after a failure. */
export async function openSession(options: SessionOptions): Promise<BrowserSession> {
  const mark = `${options.mark}${randomUUID()}`;
  const refusals: EgressError[] = [];
  const home = await mkdtemp(join(tmpdir(), 'tidemark-browser-'));
  const proxy = await startProxy({
    egress: options.egress,
    max_bytes: MAX_BYTES,
    onRefused: (error) => void (refusals.length < MAX_REFUSALS && refusals.push(error)),
  });
  let browser: Browser | undefined;
  const kill = (): void => void killLeftovers(mark);
  const close = async (): Promise<void> => {
    options.signal.removeEventListener('abort', kill);
    const deadline = setTimeout(kill, CLOSE_MS);
    await browser?.close().catch(() => undefined);
    clearTimeout(deadline);
    await killLeftovers(mark);
    await proxy.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  options.signal.addEventListener('abort', kill, { once: true });
  try {
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: home, LANG: 'C.UTF-8', [RUN_MARK]: mark };
    browser = await launch(options, env);
    const { page, broken } = await openPage(browser, proxy.url);
    return { page, broken, refusals, close };
  } catch (error) {
    await close();
    throw error;
  }
}
