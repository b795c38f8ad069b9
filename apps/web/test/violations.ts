import AxeBuilder from '@axe-core/playwright';
import { expect } from 'vitest';
import type { Console } from './console.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const AT_ONCE = 3;
/** Titles of the pages that stand in for one that could not be shown. */
const FAILURE =
  /^(Not found|Not allowed|Sign-in needed|No answer from the server|.*not available|Something went wrong|New version available)$/;

export interface Look {
  theme: string;
  width: number;
}

async function inspect(app: Console, route: string, { theme, width }: Look): Promise<string[]> {
  const page = await app.page(route, {
    preferences: { theme },
    context: { viewport: { width, height: 800 }, reducedMotion: 'reduce' },
  });
  await page.locator('h1').waitFor({ state: 'attached' });
  await expect.poll(() => page.locator('[aria-busy="true"]').count()).toBe(0);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze();
  const found = violations.map(({ id, nodes }) => `${route} ${id}: ${nodes.map((node) => node.html.slice(0, 140)).join(' | ')}`);
  const title = await page.locator('h1').first().innerText();
  if (FAILURE.test(title)) found.push(`${route} shows “${title}”`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.context().close();
  return overflow > 0 ? [...found, `${route} scrolls sideways by ${overflow}`] : found;
}

/** What axe finds on each route, and which routes scroll sideways. */
export async function violationsOf(app: Console, routes: readonly string[], look: Look): Promise<string[]> {
  const waiting = [...routes];
  const found: string[] = [];
  const work = async (): Promise<void> => {
    for (let route = waiting.shift(); route !== undefined; route = waiting.shift()) found.push(...(await inspect(app, route, look)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}
