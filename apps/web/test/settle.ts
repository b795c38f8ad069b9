import type { Page } from 'playwright-core';
import { vi } from 'vitest';

const DEADLINE_MS = 60_000;

/** Nothing is being read any more, and the page that is shown is the one that stays. */
export async function settle(page: Page): Promise<void> {
  let last = '';
  await vi.waitFor(
    async () => {
      const busy = await page.locator('[aria-busy="true"]').count();
      const title = (await page.locator('h1').allInnerTexts()).join('|');
      const isSettled = busy === 0 && title !== '' && title === last;
      last = title;
      if (!isSettled) throw new Error(`the page “${title}” still reads in ${busy} places`);
    },
    { timeout: DEADLINE_MS },
  );
}
