import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { SendReport } from '@tidemark/core/publications/contract';
import { createEgress } from '@tidemark/egress';
import { expect, it } from 'vitest';
import type { Connector } from './connector.ts';

// The example of docs/publishing.md, word for word.
const connector: Connector = {
  async send(request, egress, signal) {
    const sent = await egress.request({ ...request, method: 'POST' }, signal).catch(() => null);
    if (sent === null) return SendReport.parse({ outcome: 'unconfirmed', error: 'No answer came.' });
    return SendReport.parse({ outcome: 'success', http_status: sent.status, external_id: 'the id that the platform gave' });
  },
};

it('the documented connector sends once and reports what it found out', async () => {
  const [source, page] = await Promise.all([
    readFile(new URL(import.meta.url), 'utf8'),
    readFile(new URL('../../../../../docs/publishing.md', import.meta.url), 'utf8'),
  ]);
  const example = /const connector: Connector = \{.*?\n\};\n/s.exec(source)?.[0] ?? '';
  expect(example).toContain('egress.request');
  expect(page).toContain(example);
  const received: string[] = [];
  const platform = createServer((request, response) => {
    received.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
  const address = platform.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const egress = createEgress({ policy: { allow: ['127.0.0.0/8'] } });
  const request = { decision: 'send' as const, url: `http://127.0.0.1:${port}/post`, headers: {}, body: '{}', timeout_ms: 5000 };
  try {
    expect(await connector.send(request, egress, AbortSignal.timeout(60_000))).toMatchObject({ outcome: 'success', http_status: 200 });
    expect(received).toEqual(['/post']);
  } finally {
    platform.close();
  }
  expect(await connector.send(request, egress, AbortSignal.timeout(60_000))).toMatchObject({ outcome: 'unconfirmed' });
});
