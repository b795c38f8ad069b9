import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../failure.ts';
import { EXIT } from '../exit-code.ts';

/** What answers the checks and publications of the demo, on this machine only. */
export interface DemoTarget extends AsyncDisposable {
  readonly url: string;
}

/** Paths that are down, with their answer. */
const DOWN: Readonly<Record<string, number>> = { '/checkout/pay': 503 };
/** Milliseconds an answer usually takes, by the start of its path; others are quick. */
const USUAL_MS: Readonly<Record<string, number>> = {
  checkout: 200,
  storefront: 310,
  product: 400,
  login: 260,
  images: 250,
  admin: 370,
  feed: 700,
  publish: 900,
};
const QUICK_MS = 90;
const MAX_BODY_BYTES = 1_048_576;

async function readBody(request: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) return;
  }
}

/** A platform: takes most, refuses some for what they are. */
function publish(response: ServerResponse): void {
  const isRefused = Math.random() < 0.05;
  response.writeHead(isRefused ? 422 : 200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(
      isRefused ? { error: 'the video is 72 s long, at most 60 s are allowed' } : { external_id: `demo_${Date.now().toString(36)}` },
    ),
  );
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://demo').pathname;
  await readBody(request);
  const down = DOWN[path];
  const usual = USUAL_MS[path.split('/')[1] ?? ''] ?? QUICK_MS;
  await delay(down === undefined ? usual * (0.7 + 0.6 * Math.random()) : 40);
  if (path.startsWith('/publish/')) return publish(response);
  response.writeHead(down ?? 200, { 'content-type': 'text/plain' });
  response.end(down === undefined ? 'ok\n' : 'upstream is not available\n');
}

/** Listens on the loopback address. @throws {CommandError} when the port is taken. */
export async function startTarget(port: number): Promise<DemoTarget> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    throw new CommandError(
      {
        code: 'CONFLICT',
        message: `Cannot serve the demo's target on 127.0.0.1:${port}: another program has it. Choose another with --demo-port.`,
      },
      EXIT.failed,
    );
  }
  const { port: given } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${given}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
