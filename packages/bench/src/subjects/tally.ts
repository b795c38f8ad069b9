/** Who was handed what: a job handed out twice, or never, is a problem. */
export class Tally {
  readonly #expected: number;
  readonly #seen = new Set<string>();
  #repeats = 0;

  constructor(expected: number) {
    this.#expected = expected;
  }

  get count(): number {
    return this.#seen.size;
  }

  get isFull(): boolean {
    return this.#seen.size >= this.#expected;
  }

  take(id: string): void {
    if (this.#seen.has(id)) this.#repeats += 1;
    this.#seen.add(id);
  }

  problems(): string[] {
    const problems: string[] = [];
    if (this.#seen.size !== this.#expected) problems.push(`${this.#seen.size} of ${this.#expected} jobs were handed out`);
    if (this.#repeats > 0) problems.push(`${this.#repeats} jobs were handed out more than once`);
    return problems;
  }
}

/** `actual` in words when it is not what it should be. */
export function differs(what: string, actual: number, expected: number): string[] {
  return actual === expected ? [] : [`${what}: ${actual} instead of ${expected}`];
}
