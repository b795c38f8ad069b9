/** How many of something each holder has at once. */
export class Held {
  readonly #counts = new Map<string, number>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** False, and nothing counted, when the holder has as many as it may. */
  take(holder: string): boolean {
    const count = this.#counts.get(holder) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(holder, count + 1);
    return true;
  }

  release(holder: string): void {
    const left = (this.#counts.get(holder) ?? 1) - 1;
    if (left === 0) this.#counts.delete(holder);
    else this.#counts.set(holder, left);
  }
}
