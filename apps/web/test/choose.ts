import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Goes down the suggestions to one of them and takes it, by keys alone. Each key waits until the one before was seen to do something. */
export async function choose(page: Page, name: string): Promise<void> {
  const chosen = async (): Promise<string> => (await page.getByRole('option', { selected: true }).allInnerTexts()).join();
  await page.getByRole('option', { name, exact: true }).waitFor();
  for (let now = await chosen(); now !== name; now = await chosen()) {
    await page.keyboard.press('ArrowDown');
    await expect.poll(chosen).not.toBe(now);
  }
  await page.keyboard.press('Enter');
}
