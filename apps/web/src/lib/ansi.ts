/** A run of text with one look. */
export interface AnsiRun {
  text: string;
  className: string;
}

// CSI, OSC (ended by BEL or ST), and two-character sequences.
// oxlint-disable-next-line no-control-regex -- escape sequences are made of control characters
const ESCAPE = /\u001B(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g;
// oxlint-disable-next-line no-control-regex -- what is left of them must not reach the page
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F]/g;

const FOREGROUND: Record<number, string> = {
  31: 'text-red',
  32: 'text-green',
  33: 'text-amber',
  34: 'text-blue',
  35: 'text-violet',
  36: 'text-accent',
  37: 'text-ink-soft',
  90: 'text-ink-mute',
};

interface Style {
  isBold: boolean;
  isDim: boolean;
  isUnderlined: boolean;
  colour: string;
}

const PLAIN: Style = { isBold: false, isDim: false, isUnderlined: false, colour: '' };

function applyCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 4) return { ...style, isUnderlined: true };
  if (code === 22) return { ...style, isBold: false, isDim: false };
  if (code === 24) return { ...style, isUnderlined: false };
  if (code === 39) return { ...style, colour: '' };
  // The bright colours share the theme's tones: both keep their contrast on every background.
  const colour = FOREGROUND[code] ?? FOREGROUND[code - 60];
  return colour === undefined ? style : { ...style, colour };
}

function applyCodes(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = style;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    // 256-colour and true-colour forms carry arguments that are no codes.
    if (code === 38 || code === 48) index += codes[index + 1] === 5 ? 2 : 4;
    else next = applyCode(next, code);
  }
  return next;
}

function classOf(style: Style): string {
  return [style.colour, style.isBold && 'font-bold', style.isDim && 'text-ink-mute', style.isUnderlined && 'underline']
    .filter(Boolean)
    .join(' ');
}

/** Splits a line into runs of the terminal's look; every other escape and control character is left out. */
export function parseAnsi(line: string): AnsiRun[] {
  if (!line.includes('\u001B')) return [{ text: line.replaceAll(CONTROL, ''), className: '' }];
  const runs: AnsiRun[] = [];
  let style = PLAIN;
  let start = 0;
  const push = (text: string): void => {
    const clean = text.replaceAll(CONTROL, '');
    if (clean !== '') runs.push({ text: clean, className: classOf(style) });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(start, match.index));
    start = match.index + match[0].length;
    if (match[2] === 'm') style = applyCodes(style, match[1] ?? '');
  }
  push(line.slice(start));
  return runs;
}

/** The text alone. */
export function stripAnsi(line: string): string {
  return line.replaceAll(ESCAPE, '').replaceAll(CONTROL, '');
}
