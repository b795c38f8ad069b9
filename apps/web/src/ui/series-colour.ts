import type { Tone } from './status.tsx';

const VARIABLES: Record<Tone, string> = {
  blue: '--blue',
  green: '--green',
  amber: '--amber',
  red: '--red',
  grey: '--line-strong',
  violet: '--violet',
};

export function variableColour(variable: string, alpha = 1): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  return alpha === 1 ? value : value.replace(/\)$/, ` / ${alpha})`);
}

/** The colour of a tone in the present theme, for what is drawn on a canvas. */
export function toneColour(tone: Tone, alpha = 1): string {
  return variableColour(VARIABLES[tone], alpha);
}
