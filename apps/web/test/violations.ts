import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import type { Console } from './console.ts';
import { settle } from './settle.ts';
import { isThorough } from './thorough.ts';

const require = createRequire(import.meta.url);
const axeSource = await readFile(createRequire(require.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'), 'utf8');

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What another theme can break: it changes colours and nothing else of a page. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const AT_ONCE = 3;
/** Titles of the pages that stand in for one that could not be shown. */
const FAILURE =
  /^(Not found|Not allowed|Sign-in needed|No answer from the server|.*not available|Something went wrong|New version available)$/;

type Theme = 'light' | 'dark' | 'contrast';
interface Look {
  width: number;
  themes: Theme[];
}

/** Every width in both themes, and high contrast once; the widest and the narrowest of them when there is little time. */
const LOOKS: Look[] = isThorough
  ? [
      { width: 1440, themes: ['light', 'dark', 'contrast'] },
      { width: 768, themes: ['light', 'dark'] },
      { width: 360, themes: ['light', 'dark'] },
    ]
  : [
      { width: 1440, themes: ['light', 'dark'] },
      { width: 360, themes: ['light', 'dark'] },
    ];
export const NARROW: Look[] = [{ width: 360, themes: [] }];

interface Violation {
  id: string;
  nodes: { html: string }[];
}
interface Axe {
  run(scope: string, options: object): Promise<{ violations: Violation[] }>;
}

/** Runs axe in a page as it stands; its source is brought there once. */
export async function axe(page: Page, scope: string, rules: 'all' | 'colours'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  const runOnly = rules === 'all' ? { type: 'tag', values: STANDARDS } : { type: 'rule', values: COLOURS };
  const options = { runOnly, resultTypes: ['violations'], preload: false, iframes: false };
  const violations = await page.evaluate(
    async (asked) => (await (window as unknown as { axe: Axe }).axe.run(asked.scope, asked.options)).violations,
    { scope, options },
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 140)).join(' | ')}`);
}

/** Puts the page into a theme without loading it anew: the system's choice, which it follows, or the reader's. */
async function wear(page: Page, theme: Theme): Promise<void> {
  await page.emulateMedia({ colorScheme: theme === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' });
  await page.evaluate((name) => void (document.documentElement.dataset['theme'] = name), theme);
}

async function inspectLook(page: Page, { width, themes }: Look): Promise<string[]> {
  await page.setViewportSize({ width, height: 800 });
  await settle(page);
  const found: string[] = [];
  for (const [index, theme] of themes.entries()) {
    await wear(page, theme);
    const rules = index === 0 ? 'all' : 'colours';
    let violations = await axe(page, 'html', rules);
    if (violations.length > 0) {
      // A page may still be on its way to another when it seems to rest: what is wrong with it stays.
      await settle(page);
      violations = await axe(page, 'html', rules);
    }
    found.push(...violations.map((violation) => `in ${theme} at ${width}: ${violation}`));
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return overflow > 0 ? [...found, `at ${width} scrolls sideways by ${overflow}`] : found;
}

async function inspect(app: Console, route: string, looks: readonly Look[]): Promise<string[]> {
  const width = looks[0]?.width ?? 1440;
  const page = await app.page(route, { context: { viewport: { width, height: 800 }, reducedMotion: 'reduce' } });
  const found: string[] = [];
  for (const look of looks) found.push(...(await inspectLook(page, look)));
  const title = await page.locator('h1').first().innerText();
  if (FAILURE.test(title)) found.push(`shows “${title}”`);
  await page.context().close();
  return found.map((problem) => `${route} ${problem}`);
}

/** What axe finds on each route, loaded once and seen in every look, and which routes scroll sideways. */
export async function violationsOf(app: Console, routes: readonly string[], looks: readonly Look[] = LOOKS): Promise<string[]> {
  const waiting = [...routes];
  const found: string[] = [];
  const work = async (): Promise<void> => {
    for (let route = waiting.shift(); route !== undefined; route = waiting.shift()) found.push(...(await inspect(app, route, looks)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}
