import { createStored } from './stored.ts';

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = createStored<Theme>('theme', (raw) => THEMES.find((name) => name === raw) ?? 'system');

const prefersDark = matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const choice = theme.get();
  const system = prefersDark.matches ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = choice === 'system' ? system : choice;
}

/** Keeps the page in step with the choice and with the system; `before.js` has set the first value before paint. */
export function followTheme(): void {
  theme.subscribe(apply);
  prefersDark.addEventListener('change', apply);
  apply();
}
