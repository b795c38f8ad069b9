import { StepFailure } from './step-outcome.ts';

const PLACE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;
const MASK = '•••';
/** Shorter texts occur by chance everywhere. */
const MIN_SECRET_CHARS = 6;
const MAX_VALUE_CHARS = 16_384;
const SECRET_HEADER = /authorization|cookie|token|secret|password|api-?key|signature/i;

/** Values captured by earlier steps, and everything that must not be shown. */
export class Variables {
  readonly #values = new Map<string, string>();
  readonly #secrets = new Set<string>();

  /** What a step took out of an answer; it may be a token, so it is never shown. */
  capture(name: string, value: string): void {
    const kept = value.slice(0, MAX_VALUE_CHARS);
    this.#values.set(name, kept);
    this.hide(kept);
  }

  hide(secret: string): void {
    if (secret.length >= MIN_SECRET_CHARS) this.#secrets.add(secret);
  }

  hideHeaders(headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) {
      if (!SECRET_HEADER.test(name)) continue;
      this.hide(value);
      this.hide(value.replace(/^\S+\s+/, ''));
    }
  }

  /** @throws StepFailure when a name was not captured. */
  fill(text: string): string {
    return text.replaceAll(PLACE, (_place, name: string) => {
      const value = this.#values.get(name);
      if (value === undefined) throw new StepFailure(`{{${name}}} was not captured by an earlier step`);
      return value;
    });
  }

  /** The same in every text of a JSON value. */
  fillAll(value: unknown): unknown {
    if (typeof value === 'string') return this.fill(value);
    if (Array.isArray(value)) return value.map((entry) => this.fillAll(entry));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, this.fillAll(entry)]));
  }

  /** Text as it may be shown and stored. */
  mask(text: string): string {
    // Longest first: a secret may be a part of another.
    const secrets = [...this.#secrets].sort((left, right) => right.length - left.length);
    return secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  }
}
