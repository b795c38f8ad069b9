/** The first command of a shell line, as the shell would hand it to the program. */
export interface Command {
  words: string[];
  /** What follows it: "| jq .". */
  rest: string;
  /** What only the shell could put in: "$TOKEN", "$(date)". It stands in the words as it is. */
  unknown: string[];
}
export type Split = { ok: true; command: Command } | { ok: false; problem: string };

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001B',
  E: '\u001B',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
/** What begins with a backslash between `$'` and `'`: a code point, bytes by number, a control key, or one character. */
const ESCAPE =
  /\\(?:u([\dA-Fa-f]{1,4})|U([\dA-Fa-f]{1,8})|((?:x[\dA-Fa-f]{1,2}|[0-7]{1,3})(?:\\(?:x[\dA-Fa-f]{1,2}|[0-7]{1,3}))*)|c([\s\S])|([\s\S]))/g;
const LAST_CODE_POINT = 0x10_ff_ff;

function codePoint(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code > LAST_CODE_POINT ? '\uFFFD' : String.fromCodePoint(code);
}

function bytes(run: string): string {
  const codes = run.split('\\').map((part) => (part.startsWith('x') ? Number.parseInt(part.slice(1), 16) : Number.parseInt(part, 8) % 256));
  return new TextDecoder().decode(Uint8Array.from(codes));
}

/** The text between `$'` and `'`. */
function unescapeAnsi(text: string): string {
  return text.replaceAll(ESCAPE, (...[, short, long, run, control, one]: (string | undefined)[]) => {
    if (short !== undefined || long !== undefined) return codePoint(short ?? long ?? '');
    if (run !== undefined) return bytes(run);
    if (control !== undefined) return String.fromCodePoint((control.codePointAt(0) ?? 0) % 32);
    const char = one ?? '';
    return SIMPLE[char] ?? (/["'?\\]/.test(char) ? char : `\\${char}`);
  });
}

/** Reads a line from left to right. Every part is tried where it stands; the first that fits is taken. */
class Reader {
  readonly #text: string;
  #at = 0;
  #word: string | null = null;
  readonly words: string[] = [];
  readonly unknown: string[] = [];
  problem: string | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  get rest(): string {
    return this.#text.slice(this.#at).trim();
  }

  /** Goes on until the command ends or something does not fit. */
  read(): void {
    let isOn = true;
    while (isOn && this.#at < this.#text.length) isOn = this.#part();
    this.#end();
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #add(text: string): true {
    this.#word = (this.#word ?? '') + text;
    return true;
  }

  #end(): true {
    if (this.#word !== null) this.words.push(this.#word);
    this.#word = null;
    return true;
  }

  /** One part of the line; false where the command ends. */
  #part(): boolean {
    // Copied lines often end in a blank behind the backslash.
    if (this.#take(/\\[ \t]*\r?\n/y) !== null) return this.#end();
    const blank = this.#take(/\s+/y);
    if (blank !== null) {
      this.#end();
      // A line that begins with an option has lost the backslash before it.
      return !blank.includes('\n') || this.words.length === 0 || this.#text[this.#at] === '-';
    }
    if (this.#word === null && this.#take(/#.*/y) !== null) return true;
    if (this.#isOver()) return false;
    if (this.#take(/\$?(?=")/y) !== null) return this.#double();
    const quoted = this.#take(/\$?'/y);
    if (quoted !== null) return this.#single(quoted.length > 1);
    const plain = this.#take(/\\[\s\S]?/y);
    if (plain !== null) return this.#add(plain.slice(1));
    return this.#expansion() || this.#add(this.#take(/[^\s\\'"$`|;<>&]+|[\s\S]/y) ?? '');
  }

  /** Whether what follows is another command, or where the output goes. An address with an unquoted "&" is meant as a whole. */
  #isOver(): boolean {
    const here = this.#text[this.#at] ?? '';
    if (here === '&') return this.#word === null || !/^&[^\s&|;<>]/.test(this.#text.slice(this.#at, this.#at + 2));
    if (!'|;<>'.includes(here)) return false;
    // The number of a stream: 2>/dev/null.
    if ('<>'.includes(here) && /^\d+$/.test(this.#word ?? '')) this.#word = null;
    return true;
  }

  #single(isAnsi: boolean): boolean {
    const inside = this.#take(isAnsi ? /(?:[^'\\]|\\[\s\S])*/y : /[^']*/y) ?? '';
    if (this.#take(/'/y) === null) return this.#open("'");
    return this.#add(isAnsi ? unescapeAnsi(inside) : inside);
  }

  #double(): boolean {
    this.#at += 1;
    this.#add('');
    for (;;) {
      if (this.#take(/"/y) !== null) return true;
      const escaped = this.#take(/\\(?:\r?\n|["$\\`])/y);
      if (escaped !== null) this.#add(escaped.slice(1).trimStart());
      else if (!this.#expansion()) {
        const plain = this.#take(/[^"\\$`]+|[\\$`]/y);
        if (plain === null) return this.#open('"');
        this.#add(plain);
      }
    }
  }

  /** A variable or the output of another command: kept as it is written. */
  #expansion(): boolean {
    const found = this.#take(/\$\{[^}]{0,200}\}|\$[A-Za-z_]\w*|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`/y);
    if (found === null) return false;
    this.unknown.push(found);
    return this.#add(found);
  }

  #open(quote: string): false {
    this.problem = `A ${quote} is opened and not closed: the command is not whole.`;
    return false;
  }
}

/** Takes the first command of a shell line apart as a POSIX shell does, with `$'…'`; nothing is run or looked up. */
export function splitCommand(text: string): Split {
  if (/\^"|\^\r?\n/.test(text))
    return { ok: false, problem: 'This is written for the Windows command prompt. Copy it for bash instead: “Copy as cURL (bash)”.' };
  const reader = new Reader(text.trim().replace(/^[$%>] +/, ''));
  reader.read();
  if (reader.problem !== null) return { ok: false, problem: reader.problem };
  return { ok: true, command: { words: reader.words, rest: reader.rest, unknown: [...new Set(reader.unknown)] } };
}
