import type { Page } from 'playwright-core';

const DEADLINE_MS = 60_000;
const REST_MS = 50;

interface Sight {
  readonly busy: number;
  readonly title: string;
}

async function look(page: Page): Promise<Sight> {
  const busy = await page.locator('[aria-busy="true"]').count();
  return { busy, title: (await page.locator('h1').allInnerTexts()).join('|') };
}

/** Nothing is being read any more, and the page that is shown is the one that stays. Scripts that are no tests use it, too. */
export async function settle(page: Page): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (let last = ''; ;) {
    // A page that is just going away cannot be looked at.
    const { busy, title } = await look(page).catch((): Sight => ({ busy: 0, title: '' }));
    if (busy === 0 && title !== '' && title === last) return;
    if (performance.now() > deadline) throw new Error(`the page “${title}” still reads in ${busy} places`);
    last = title;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
}
