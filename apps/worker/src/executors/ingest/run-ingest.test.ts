import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEgress } from '@tidemark/egress';
import { createHandlerExecutors, type Executor } from '@tidemark/sdk/agent';
import { type RunningJob, startJob } from '@tidemark/sdk/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIngestHandler } from './run-ingest.ts';

let folder: string;
let executor: Executor;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-ingest-'));
  const [made] = createHandlerExecutors({
    ingest: createIngestHandler({
      hidden: [join(folder, 'hidden')],
      openEgress: () => Promise.resolve(createEgress({ policy: { allow: [], allow_loopback: true } })),
    }),
  });
  if (!made) throw new Error('no executor');
  executor = made;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function report(job: RunningJob): Promise<unknown> {
  const outcome = await job.outcome;
  if (outcome.op !== 'complete') throw new Error(outcome.error);
  return JSON.parse(outcome.output ?? '');
}

const ingest = async (payload: object): Promise<unknown> => report(startJob(executor, payload));

test('rows of a CSV are counted and those that do not fit are told with line and reason', async () => {
  const source = await file(
    'people.csv',
    '\uFEFFname,age,born,active\nann,31,1990-01-31,true\n"bo\nb",x,1990-01-31,true\n,4,1990-01-31,false\neve,5\n\ndan,,1990-13-01T00:00:00Z,yes\n"open,1,2,3\n',
  );
  const job = startJob(executor, { source, schema: { name: 'string', age: 'integer?', born: 'timestamp', active: 'boolean' } });
  expect(await report(job)).toEqual({
    source,
    format: 'csv',
    bytes: (await stat(source)).size,
    rows: 6,
    accepted: 1,
    rejected: 5,
    columns: ['name', 'age', 'born', 'active'],
    rejects: [
      { line: 3, reason: 'column "age": is not an integer', text: '"bo\uFFFDb",x,1990-01-31,true' },
      { line: 5, reason: 'column "name": is missing', text: ',4,1990-01-31,false' },
      { line: 6, reason: 'has 2 columns, not 4', text: 'eve,5' },
      { line: 8, reason: 'column "born": is not a timestamp', text: 'dan,,1990-13-01T00:00:00Z,yes' },
      { line: 9, reason: 'a quote is not closed', text: '"open,1,2,3' },
    ],
  });
  expect(job.checkpoints.at(-1)).toMatchObject({ keys_scanned: 6, progress: { done: 6, total: 6 } });
});

test('rows of NDJSON are checked by the types of JSON', async () => {
  const rows = ['{"a":1,"b":null}', '{"a":"1"}', '[1]', '{"a":1', '{"a":2,"c":1}', '{}', Buffer.from([0xff])];
  const source = await file('rows.ndjson', Buffer.concat(rows.map((row) => Buffer.concat([Buffer.from(row), Buffer.from('\n')]))));
  expect(await ingest({ source, schema: { a: 'integer', b: 'string?' }, allow_extra: false })).toMatchObject({
    rows: 7,
    accepted: 1,
    rejects: [
      { line: 2, reason: 'column "a": is not an integer' },
      { line: 3, reason: 'is not a JSON object' },
      { line: 4, reason: 'is not JSON' },
      { line: 5, reason: 'column "c": is not in the schema' },
      { line: 6, reason: 'column "a": is missing' },
      { line: 7, reason: 'is not UTF-8' },
    ],
  });
});

test('all rejects are counted and the first hundred shown', async () => {
  const source = await file('bad.ndjson', 'x\n'.repeat(250));
  const found = (await ingest({ source })) as { rejects: unknown[] };
  expect(found).toMatchObject({ rows: 250, rejected: 250 });
  expect(found.rejects).toHaveLength(100);
});

test.each([
  [{ source: '/does/not/exist.csv' }, 'does not exist on this worker'],
  [{ source: '/tmp', format: 'csv' }, 'is not a file'],
  [{ source: '/dev/zero', format: 'csv' }, 'is not a file'],
  [{ source: '/etc/hostname' }, 'payload.format'],
  [{ source: 'relative.csv' }, 'payload.source'],
  [{ source: 'file:///etc/passwd', format: 'csv' }, 'payload.source'],
  [{ source: '/etc/hostname', format: 'csv', schema: { a: 'text' } }, 'payload.schema.a'],
  [{ source: '/etc/hostname', format: 'csv', max_bytes: 1 }, 'max_bytes'],
  [{ source: '/etc/hostname', format: 'csv', schema: { a: 'string' } }, 'has no column "a"'],
])('%j fails for good and says why', async (payload, message) => {
  expect(await startJob(executor, payload).outcome).toMatchObject({
    op: 'fail',
    retryable: false,
    error: expect.stringContaining(message),
  });
});

test('what the worker keeps for itself cannot be read', async () => {
  await mkdir(join(folder, 'hidden'));
  const source = await file('hidden/secret.csv', 'a\n1\n');
  await symlink(source, join(folder, 'way-in.csv'));
  for (const path of [source, join(folder, 'way-in.csv')]) {
    expect(await startJob(executor, { source: path }).outcome).toMatchObject({
      op: 'fail',
      error: expect.stringContaining('belongs to the worker'),
    });
  }
});

test('a source that changed since the checkpoint is read from its beginning', async () => {
  const source = await file('changed.csv', 'a\n1\n2\n');
  const first = startJob(executor, { source });
  await report(first);
  await appendFile(source, '3\n');
  const again = startJob(executor, { source }, { checkpoint: first.checkpoints.at(-1)?.cursor });
  expect(await report(again)).toMatchObject({ rows: 3 });
  expect(again.live.map(({ text }) => text).join('')).toContain('has changed');
});

test('a malformed row at the end of 200 MB costs constant memory and is named by its line', { timeout: 120_000 }, async () => {
  const path = join(folder, 'large.csv');
  const row = `${'x'.repeat(99)},1\n`;
  const block = row.repeat(10_000);
  const rows = 200 * 10_000;
  const out = createWriteStream(path);
  out.write('text,n\n');
  for (let at = 0; at < 200; at += 1) if (!out.write(block)) await once(out, 'drain');
  out.end('"never closed,1\nlast,2\nbad,x');
  await once(out, 'finish');
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  const found = await ingest({ source: path, schema: { text: 'string', n: 'integer' } });
  clearInterval(watch);
  expect(found).toMatchObject({
    rows: rows + 3,
    rejected: 2,
    rejects: [
      { line: rows + 2, reason: 'a quote is not closed' },
      { line: rows + 4, reason: 'column "n": is not an integer' },
    ],
  });
  expect(peak - before).toBeLessThan(100 * 1_048_576);
  await truncate(path, 0);
});

async function serve(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a run that was broken off anywhere goes on from its checkpoint and ends with the same report', async () => {
  const lines = Array.from({ length: 3000 }, (_, at) => (at % 97 === 0 ? `${at},oops` : `${at},"v\n${at}"`));
  const text = Buffer.from(`id,value\n${lines.join('\n')}\n`);
  const answers: { cut: number | null; range: string | undefined }[] = [];
  let cut: number | null = null;
  const server = await serve((request, response) => {
    const { range } = request.headers;
    answers.push({ cut, range });
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const part = range === undefined ? {} : { 'content-range': `bytes ${from}-${text.length - 1}/${text.length}` };
    response.writeHead(range === undefined ? 200 : 206, { etag: '"1"', 'content-length': text.length - from, ...part });
    if (cut === null) response.end(text.subarray(from));
    else response.write(text.subarray(from, cut), () => response.destroy());
  });
  const payload = { source: `${server.url}/rows.csv?token=secret`, schema: { id: 'integer', value: 'integer?' } };
  const whole = await ingest(payload);
  expect(whole).toMatchObject({ rows: 3000, rejected: 3000, bytes: text.length, source: `${server.url}/rows.csv` });
  for (const at of [4, 500, 1234, 20_000, text.length - 1]) {
    cut = at;
    const broken = startJob(executor, payload);
    expect(await broken.outcome).toMatchObject({ op: 'fail', retryable: true, error: expect.stringContaining('broke off after') });
    cut = null;
    const { cursor } = broken.checkpoints.at(-1) ?? {};
    const { offset } = cursor as { offset: number };
    const again = startJob(executor, payload, { checkpoint: cursor });
    expect(await report(again)).toEqual(whole);
    expect(answers.at(-1)?.range).toBe(offset === 0 ? undefined : `bytes=${offset}-`);
    expect(offset).toBeGreaterThan(Math.min(at, text.length) - 30);
  }
  await server.close();
});

test.each([
  [404, false],
  [503, true],
])('status %i of a URL fails with retryable %s', async (status, retryable) => {
  const server = await serve((_request, response) => response.writeHead(status).end());
  expect(await startJob(executor, { source: `${server.url}/rows.csv` }).outcome).toMatchObject({ op: 'fail', retryable });
  await server.close();
});
