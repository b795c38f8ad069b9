import AxeBuilder from '@axe-core/playwright';
import { expect } from 'vitest';
import type { Console } from './console.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds on each route, and which routes scroll sideways. */
export async function violationsOf(
  app: Console,
  routes: readonly string[],
  { theme, width }: { theme: string; width: number },
): Promise<string[]> {
  const found: string[] = [];
  const look = { preferences: { theme }, context: { viewport: { width, height: 800 }, reducedMotion: 'reduce' as const } };
  for (const route of routes) {
    const page = await app.page(route, look);
    await page.locator('h1').waitFor({ state: 'attached' });
    await expect.poll(() => page.locator('[aria-busy="true"]').count()).toBe(0);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze();
    for (const { id, nodes } of violations) found.push(`${route} ${id}: ${nodes.map((node) => node.html.slice(0, 140)).join(' | ')}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) found.push(`${route} scrolls sideways by ${overflow}`);
    await page.context().close();
  }
  return found;
}
