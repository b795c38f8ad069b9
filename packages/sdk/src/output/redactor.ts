const MARK = '[secret]';
/** A shorter piece would hide what has nothing to do with it. */
const MIN_CHARS = 8;
/** Lines of base64 as programs wrap them. **Source:** RFC 2045 and RFC 7468. */
const LINE_CHARS = [76, 64];

function base64Of(value: string): string[] {
  const bytes = Buffer.from(value);
  const whole = bytes.toString('base64');
  // Inside a longer text it begins at any of three places; what neighbours have a part in is left out.
  const inner = [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const end = padded.length - (padded.length % 3);
    return padded
      .subarray(0, end)
      .toString('base64')
      .slice(before === 0 ? 0 : 4);
  });
  const lines = LINE_CHARS.flatMap((width) => (whole.length > width ? (whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : []));
  const all = [whole.replace(/=+$/, ''), ...inner, ...lines];
  return [...all, ...all.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

function formsOf(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const url = encodeURIComponent(value);
  const lower = url.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const hex = Buffer.from(value).toString('hex');
  const xml = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    url,
    lower,
    form,
    encodeURI(value),
    hex,
    hex.toUpperCase(),
    xml,
    ...base64Of(value),
  ];
}

/** For each length of a beginning, how much of it is also its end. **Source:** Knuth, Morris, Pratt. */
function bordersOf(text: string): number[] {
  const borders = [0];
  let length = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (length > 0 && text[at] !== text[length]) length = borders[length - 1] ?? 0;
    if (text[at] === text[length]) length += 1;
    borders.push(length);
  }
  return borders;
}

interface Needle {
  readonly text: string;
  readonly borders: readonly number[];
}

/** How many characters at the end of `text`, from `from` on, could be the beginning of the needle. */
function beginningAt(text: string, from: number, { text: needle, borders }: Needle): number {
  let length = 0;
  for (let at = Math.max(from, text.length - needle.length + 1); at < text.length; at += 1) {
    while (length > 0 && text[at] !== needle[length]) length = borders[length - 1] ?? 0;
    if (text[at] === needle[length]) length += 1;
  }
  return length;
}

/** Hides values in every form programs write them: as they are, escaped, encoded, line by line. */
export class Redactor {
  readonly #needles: readonly Needle[];
  readonly #pattern: RegExp;

  constructor(values: readonly string[]) {
    const pieces = values.flatMap((value) => [value, value.trim(), ...value.split(/\r?\n/)]);
    const texts = new Set(pieces.filter((piece) => piece.length >= MIN_CHARS).flatMap(formsOf));
    const sorted = [...texts].filter((text) => text.length >= MIN_CHARS).toSorted((one, other) => other.length - one.length);
    this.#needles = sorted.map((text) => ({ text, borders: bordersOf(text) }));
    this.#pattern = new RegExp(sorted.map((text) => RegExp.escape(text)).join('|') || '(?!)', 'g');
  }

  redact(text: string): string {
    return text.replaceAll(this.#pattern, MARK);
  }

  /** Any JSON with its texts redacted; null when nothing readable is left of it. */
  redactJson(value: unknown): unknown {
    const text = JSON.stringify(value);
    if (text === undefined) return value;
    const redacted = this.redact(text);
    if (redacted === text) return value;
    try {
      return JSON.parse(redacted);
    } catch {
      return null;
    }
  }

  stream(): RedactedStream {
    return new RedactedStream(this);
  }

  /** How much of the beginning of `text` can be told already: the rest may be the beginning of a value. */
  settledLength(text: string): number {
    let cut = this.#heldFrom(text, 0);
    for (const match of text.matchAll(this.#pattern)) {
      const end = match.index + match[0].length;
      // What is found whole is hidden whole; what follows it may begin another one.
      if (match.index < cut && end > cut) cut = this.#heldFrom(text, end);
    }
    return cut;
  }

  #heldFrom(text: string, from: number): number {
    const held = this.#needles.reduce((most, needle) => Math.max(most, beginningAt(text, from, needle)), 0);
    return text.length - held;
  }
}

/** Text that comes in pieces: a value is hidden also where it is cut in two. */
class RedactedStream {
  readonly #redactor: Redactor;
  #held = '';

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** What may be shown of everything so far; it may be empty. */
  push(text: string): string {
    const all = this.#held + text;
    const cut = this.#redactor.settledLength(all);
    this.#held = all.slice(cut);
    return this.#redactor.redact(all.slice(0, cut));
  }

  /** What was held back. */
  end(): string {
    const rest = this.#redactor.redact(this.#held);
    this.#held = '';
    return rest;
  }
}

export type { RedactedStream };
