import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Console } from './console.ts';
import { isThorough } from './thorough.ts';
import { axe } from './violations.ts';

/** What a page says on a server on which nothing has happened yet; of one thing, what is not there about it. */
const EMPTY: Record<string, RegExp> = {
  '/': /Nothing has run yet/,
  '/workloads': /Nothing has been run yet/,
  '/queues': /No queue has been used yet/,
  '/workers': /No worker has registered yet/,
  '/workers/$id': /Nothing has ended here yet/,
  '/monitors': /Nothing is watched yet/,
  '/monitors/$id': /Nothing has run yet/,
  '/incidents': /There was no outage/,
  '/status': /Nothing is shown here yet/,
  '/publishing': /Nothing has failed/,
  '/publishing/queue': /Nothing has been published yet/,
  '/publishing/platforms/$platform': /No account is known yet/,
  '/publishing/campaigns': /There is no campaign yet/,
  '/publishing/campaigns/$id': /Nothing of this campaign has been published yet/,
  '/errors': /Nothing is failing/,
  '/activity': /None yet/,
  '/settings/api-keys': /There is no key yet/,
  '/settings/secrets': /There is no secret yet/,
  '/settings/members': /Nobody has an account/,
  '/settings/notifications': /No channel yet/,
};
/** Pages that ask the server nothing before they are used. */
const STATIC = new Set(['/settings/profile', '/settings/import-export', '/login', '/setup']);
/** A page about one thing, which an empty server does not have. */
const ABOUT_ONE = new Set(['/workloads/$id', '/monitors/$id/runs/$runId', '/incidents/$id', '/publishing/queue/$id', '/activity/bulk/$id']);
/** Settings have a value from the start, and whatever a page needs to be seen was written to the audit log. */
const ALWAYS_SET = new Set(['/settings/retention', '/settings/system', '/settings/audit']);

/** Says the same in every state of failure: it has no code, only that it could not be read. */
const STATUS_PAGE = '/status';

const REFUSALS = {
  error: 'The database did not answer in time.',
  'not-found': 'There is nothing under this id.',
  forbidden: 'you are a viewer',
} as const;
const WORDS = {
  empty: 'Empty',
  loading: 'Loading',
  error: 'Error',
  'not-found': 'Not found',
  forbidden: 'Forbidden',
  stale: 'Stale',
} as const;
type State = keyof typeof WORDS;
const STATES = Object.keys(WORDS) as State[];

interface Seen {
  text: string;
  /** Of a stale page: what it said before its server failed. */
  before: string;
  busyCount: number;
}

/** Goes to a scene without loading anything anew, and reads it once it stands still. */
async function visit(page: Page, path: string, state: State): Promise<Seen> {
  await page.locator('nav[aria-label="Gallery"]').getByRole('link', { name: WORDS[state], exact: true }).click();
  // What comes to lie under the pointer would tell more of itself.
  await page.mouse.move(0, 0);
  await page.locator(`[data-scene="${state}"], [data-scene="answering"]`).first().waitFor();
  return page.evaluate(
    async ({ state: wanted, path: shown }) => {
      const deadline = performance.now() + 60_000;
      const scene = (): string | null => document.querySelector('[data-scene]')?.getAttribute('data-scene') ?? null;
      let before = '';
      let text = '';
      let same = 0;
      // Something is there and has been the same for a while; a page that loads stays busy.
      while (performance.now() < deadline && (scene() !== wanted || same < 4)) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        const main = document.querySelector('#main');
        const now = main instanceof HTMLElement ? main.innerText : '';
        const isBusy = main?.querySelector('[aria-busy="true"]') !== null;
        if (scene() === 'answering' && !isBusy && now !== '') before = now;
        same = scene() === wanted && now !== '' && now === text && (!isBusy || wanted === 'loading') ? same + 1 : 0;
        text = now;
      }
      if (same < 4) throw new Error(`${shown} does not come to rest as ${wanted}: ${text.slice(0, 200)}`);
      return { text, before, busyCount: document.querySelectorAll('#main [aria-busy="true"]').length };
    },
    { state, path },
  );
}

/** Lines without figures: an age or a count may have moved on meanwhile. */
function wordsOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim().length > 2 && !/\d|now|ago/.test(line));
}

/** What a page of this state must say, or null. */
function sentenceOf(path: string, state: State): RegExp | string | null {
  if (state === 'loading') return null;
  if (state === 'empty') return ABOUT_ONE.has(path) || ALWAYS_SET.has(path) ? null : (EMPTY[path] ?? 'a sentence of its own');
  if (path === STATUS_PAGE) return /could not be read/;
  return state === 'stale' ? REFUSALS.error : REFUSALS[state];
}

function isSaid(sentence: RegExp | string, text: string): boolean {
  return typeof sentence === 'string' ? text.includes(sentence) : sentence.test(text);
}

/** A stale page keeps what it knew. */
function lossOf({ text, before }: Seen): string[] {
  if (before === '') return ['showed nothing before its server failed'];
  const lost = wordsOf(before).filter((line) => !text.includes(line));
  return lost.length === 0 ? [] : [`loses what it knew: ${lost.slice(0, 5).join(' · ')}`];
}

function problemsOf(path: string, state: State, seen: Seen): string[] {
  const problems: string[] = [];
  const lines = seen.text.split('\n').map((line) => line.trim());
  const isKnown = state === 'empty' || state === 'stale';
  if (!isKnown && lines.some((line) => /^0(?:[.,]0+)?(?: ?%| ?m?s)?$/.test(line))) problems.push('draws a zero for what is not known');
  if (STATIC.has(path)) return problems;
  if (seen.busyCount > 0 !== (state === 'loading')) problems.push(`has ${seen.busyCount} parts that load`);
  const sentence = sentenceOf(path, state);
  if (sentence !== null && !isSaid(sentence, seen.text))
    problems.push(`does not say ${String(sentence)}: ${seen.text.slice(0, 400).replaceAll('\n', ' · ')}`);
  return state === 'stale' ? [...problems, ...lossOf(seen)] : problems;
}

/** What is wrong with the states of the pages named; each page and state is a scene of one document. */
async function problemsOfPages(app: Console, paths: readonly string[]): Promise<string[]> {
  const page = await app.page('/gallery?page=/login', { context: { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' } });
  await page.locator('nav[aria-label="Gallery"] summary').click();
  const found: string[] = [];
  for (const path of paths) {
    await page.locator('nav[aria-label="Gallery"] details').getByRole('link', { name: path, exact: true }).click();
    for (const state of STATES) {
      let problems = problemsOf(path, state, await visit(page, path, state));
      // A sliding range moves on with the minute, perhaps between two looks: what is wrong with a page stays.
      if (problems.length > 0) problems = problemsOf(path, state, await visit(page, path, state));
      if (isThorough) problems.push(...(await axe(page, '#main', 'all')));
      found.push(...problems.map((problem) => `${path} ${state}: ${problem}`));
    }
  }
  await page.context().close();
  return found;
}

/** Pages that the gallery offers. */
export async function galleryPaths(app: Console): Promise<string[]> {
  const page = await app.page('/gallery?page=/login');
  await page.locator('nav[aria-label="Gallery"] summary').click();
  const links = page.locator('nav[aria-label="Gallery"] details a');
  await expect.poll(() => links.count()).toBeGreaterThan(0);
  const paths = await links.allInnerTexts();
  await page.context().close();
  return paths;
}

/** What is wrong with the states of all pages, two documents at a time. */
export async function galleryProblems(app: Console, paths: readonly string[]): Promise<string[]> {
  const halves = [paths.filter((_, index) => index % 2 === 0), paths.filter((_, index) => index % 2 === 1)];
  return (await Promise.all(halves.map((half) => problemsOfPages(app, half)))).flat();
}
