import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a platform makes of a publication: by its number, so that a seed repeats it. */
export type Fate = 'fine' | 'fails_once' | 'limits_once' | 'swallows';

interface Body {
  readonly publication: { readonly id: string };
  readonly attempt: number;
}

/** A platform that publishes, fails, limits and swallows answers as it is told, and remembers what it took. */
export class Receiver implements AsyncDisposable {
  readonly #fateOf: (id: string) => Fate;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => this.#answer(JSON.parse(Buffer.concat(chunks).toString()) as Body, response));
  });
  readonly #refused = new Set<string>();
  /** Times each publication was published: by an answer that said so, or by one that never came. */
  readonly published = new Map<string, number>();
  posts = 0;

  constructor(fateOf: (id: string) => Fate) {
    this.#fateOf = fateOf;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/publish`;
  }

  #answer({ publication: { id } }: Body, response: ServerResponse): void {
    this.posts += 1;
    const fate = this.#fateOf(id);
    const isFirst = !this.#refused.has(id);
    if ((fate === 'fails_once' || fate === 'limits_once') && isFirst) {
      this.#refused.add(id);
      response.writeHead(fate === 'fails_once' ? 503 : 429, fate === 'fails_once' ? {} : { 'retry-after': '1' }).end('{}');
      return;
    }
    this.published.set(id, (this.published.get(id) ?? 0) + 1);
    if (fate !== 'swallows')
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ external_id: `post-${id}` }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => resolve());
    });
  }
}
