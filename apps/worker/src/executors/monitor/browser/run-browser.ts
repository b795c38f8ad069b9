import { stripVTControlCharacters } from 'node:util';
import type { BrowserAction, Step } from '@tidemark/core/steps/contract';
import { PROXY_STATUS } from '@tidemark/egress';
import { type StepOutcome, StepFailure, type Surroundings } from '../step-outcome.ts';
import type { BrowserSession } from './browser-session.ts';

export type BrowserStep = Extract<Step, { type: 'browser' }>;

/** How long an action may look for what it needs; a page load may use all that is left. */
const ACTION_MS = 10_000;
/** Kept back for the screenshot of a failure. */
const RESERVE_MS = 2500;
const SCREENSHOT_MS = 3000;
const COUNT_MS = 1000;
const MAX_SCREENSHOT_BYTES = 150_000;

interface Acting {
  session: BrowserSession;
  around: Surroundings;
  /** Fields that got a captured value: not for pictures. */
  secretFields: string[];
}

/** An address without what its query may carry. */
export function shownUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? text.slice(0, 200) : `${url.origin}${url.pathname}`.slice(0, 200);
}

function describe(action: BrowserAction): string {
  switch (action.do) {
    case 'goto':
      return `goto ${shownUrl(action.url)}`;
    case 'click':
    case 'fill':
      return `${action.do} "${action.selector.slice(0, 200)}"`;
    case 'expect_text':
      return `expect_text "${action.text.slice(0, 200)}"`;
    case 'expect_url':
      return `expect_url "${action.contains.slice(0, 200)}"`;
    case 'screenshot':
      return 'screenshot';
  }
}

const actionLimit = ({ left_ms }: Surroundings, most = ACTION_MS): number => Math.max(1, Math.min(most, left_ms - RESERVE_MS));

async function goto(text: string, { session, around }: Acting): Promise<void> {
  const url = around.egress.checkUrl(around.variables.fill(text)).href;
  const timeout = actionLimit(around, Number.MAX_SAFE_INTEGER);
  try {
    const response = await session.page.goto(url, { timeout, waitUntil: 'load' });
    if (response === null || response.status() < 400) return;
    const isRefused = response.headers()[PROXY_STATUS] !== undefined;
    throw (isRefused ? session.refusals.at(-1) : undefined) ?? new StepFailure(`answered with status ${response.status()}`);
  } catch (error) {
    // The browser only knows that its proxy said no; the proxy knows why.
    const isRefused = error instanceof Error && error.message.includes('ERR_TUNNEL_CONNECTION_FAILED');
    throw (isRefused ? session.refusals.at(-1) : undefined) ?? error;
  }
}

async function act(action: BrowserAction, acting: Acting): Promise<void> {
  const { session, around, secretFields } = acting;
  const { page } = session;
  const { variables } = around;
  const timeout = actionLimit(around);
  switch (action.do) {
    case 'goto':
      return goto(action.url, acting);
    case 'click':
      return page.locator(variables.fill(action.selector)).first().click({ timeout });
    case 'fill': {
      const selector = variables.fill(action.selector);
      if (action.value.includes('{{')) secretFields.push(selector);
      return page.locator(selector).first().fill(variables.fill(action.value), { timeout });
    }
    case 'expect_text': {
      const text = variables.fill(action.text);
      const found =
        action.selector === undefined ? page.getByText(text) : page.locator(variables.fill(action.selector)).filter({ hasText: text });
      return found.first().waitFor({ state: 'visible', timeout });
    }
    case 'expect_url': {
      const part = variables.fill(action.contains);
      return page.waitForURL((url) => url.href.includes(part), { timeout, waitUntil: 'commit' });
    }
    case 'screenshot':
      return takePicture('screenshot', acting);
  }
}

/** Not everything that is asked of a page has a limit of its own, and a busy one never answers. */
async function within<T>(limitMs: number, work: Promise<T>, { broken }: BrowserSession): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StepFailure('the page does not answer')), limitMs);
  });
  return Promise.race([work, late, broken]).finally(() => clearTimeout(timer));
}

/** Why an action did not succeed, without the log of its attempts. */
async function explain(error: unknown, action: BrowserAction, { session, around }: Acting): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  const isTimeout = error.name === 'TimeoutError';
  if (!isTimeout) return stripVTControlCharacters(error.message.split('\n')[0] ?? '').replace(/^[a-zA-Z.]+: /, '');
  const { page } = session;
  if (action.do === 'goto') return 'the page did not load in time';
  if (action.do === 'expect_url') return `the address is ${shownUrl(page.url())}`;
  if (action.do === 'screenshot') return 'no picture in time';
  if (action.do === 'expect_text') return 'the text is not on the page';
  const count = await within(COUNT_MS, page.locator(around.variables.fill(action.selector)).count(), session).catch(() => 0);
  return count === 0 ? 'not found on the page' : 'found, but it is hidden, covered or not enabled';
}

async function takePicture(name: string, { session, around, secretFields }: Acting): Promise<void> {
  const { page } = session;
  const fields = ['input[type=password]', ...secretFields].map((selector) => page.locator(selector));
  for (const quality of [60, 25]) {
    const picture = await page.screenshot({
      type: 'jpeg',
      quality,
      mask: fields,
      timeout: SCREENSHOT_MS,
      animations: 'disabled',
      caret: 'hide',
    });
    if (picture.length > MAX_SCREENSHOT_BYTES) continue;
    around.keep({ name: `${name}.jpg`, content_type: 'image/jpeg', base64: picture.toString('base64') });
    return;
  }
  around.log('The screenshot was too large to keep.');
}

/** Goes through the actions in the page that the steps of a try share. A failure comes with a picture of the page. */
export async function runBrowser(step: BrowserStep, around: Surroundings): Promise<StepOutcome> {
  const session = await around.openBrowser();
  const acting: Acting = { session, around, secretFields: [] };
  let told = 0;
  const tellRefusals = (): void => {
    for (const refusal of session.refusals.slice(told)) around.log(`The page was refused: ${refusal.message}`);
    told = session.refusals.length;
  };
  for (const [index, action] of step.actions.entries()) {
    try {
      await within(around.left_ms, act(action, acting), session);
    } catch (error) {
      const reason = await explain(error, action, acting);
      await within(2 * SCREENSHOT_MS, takePicture('failure', acting), session).catch(() => undefined);
      return { error: `action ${index + 1} (${describe(action)}): ${reason}`, assertions: [], phases: null };
    } finally {
      tellRefusals();
    }
  }
  return { error: null, assertions: [], phases: null };
}
