import { createHmac } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Post {
  readonly publication_id: string;
  readonly key: string;
  readonly attempt: number;
  readonly title: string;
  readonly is_signed: boolean;
}

export interface Platform extends AsyncDisposable {
  readonly url: string;
  readonly posts: readonly Post[];
}

export const SECRET = 'a secret for tests';

function isSigned(headers: NodeJS.Dict<string | string[]>, body: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`;
}

/** A platform on a free port, which notes every post and answers as it is told. */
export async function startPlatform(answer: (post: Post, response: ServerResponse) => void): Promise<Platform> {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = JSON.parse(text) as { publication: { id: string }; clip: { title: string }; attempt: number; idempotency_key: string };
      const { publication, clip, attempt, idempotency_key: key } = body;
      const post = { publication_id: publication.id, key, attempt, title: clip.title, is_signed: isSigned(request.headers, text) };
      posts.push(post);
      answer(post, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/publish`,
    posts,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers with JSON; a rate limit asks to wait a second. */
export function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 429 ? { 'retry-after': '1' } : {}) });
  response.end(JSON.stringify(body));
}
