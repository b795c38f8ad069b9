/** Turns the chunks of a byte stream into text: characters that cross a border stay whole, NUL and broken bytes become U+FFFD. */
export class TextStream {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  push(chunk: Uint8Array): string {
    return clean(this.#decoder.decode(chunk, { stream: true }));
  }

  end(): string {
    return clean(this.#decoder.decode());
  }
}

/** Text as the server stores it: without NUL and without halves of surrogate pairs. */
export function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
