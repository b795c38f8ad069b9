import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Egress, type EgressError, startProxy } from '@tidemark/egress';
import type { Browser, Page } from 'playwright-core';
import { killLeftovers } from '../../../processes/process-tree.ts';
import { StepFailure } from '../step-outcome.ts';
import type { BrowserLauncher } from './browser-launcher.ts';

const MAX_DIALOGS = 20;
const MAX_POPUPS = 20;
const MAX_BYTES = 100_000_000;
const MAX_REFUSALS = 20;
const CLOSE_MS = 3000;
const VIEWPORT = { width: 1280, height: 720 };

export interface SessionOptions {
  launcher: BrowserLauncher;
  egress: Egress;
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
  const mark = `${options.launcher.mark}${randomUUID()}`;
  const refusals: EgressError[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-browser-'));
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
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  options.signal.addEventListener('abort', kill, { once: true });
  try {
    browser = await options.launcher.launch({ folder, mark, signal: options.signal });
    const { page, broken } = await openPage(browser, proxy.url);
    return { page, broken, refusals, close };
  } catch (error) {
    await close();
    throw error;
  }
}
