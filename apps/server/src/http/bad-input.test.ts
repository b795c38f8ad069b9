import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { Answer, TestServer } from '../testing/start-test-server.ts';

interface ErrorBody {
  code: string;
  message: string;
  issues?: { path: string; message: string }[];
}

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer('pglite');
});
afterAll(() => server[Symbol.asyncDispose]());

function refusal(answer: Answer, status: number, code: string): ErrorBody {
  expect(answer.status, answer.text.slice(0, 500)).toBe(status);
  const body = answer.json as ErrorBody;
  expect(body.code).toBe(code);
  expect(typeof body.message).toBe('string');
  expect(answer.text.length).toBeLessThanOrEqual(8192);
  expect(answer.text).not.toMatch(/node_modules|\.ts:\d|select .* from/i);
  return body;
}

const post = (body: unknown, headers: Record<string, string> = {}) => server.send('POST /v1/workloads', body, headers);

describe('a body', () => {
  it.each(['{', '[1,2', '{"kind":}', 'nonsense', '{"kind":NaN}', "{'kind':'x'}"])('of malformed JSON is refused: %s', async (body) => {
    refusal(await post(body), 400, 'VALIDATION');
  });

  it.each(['[]', '"text"', '1', 'null', 'true'])('that is no object is refused: %s', async (body) => {
    refusal(await post(body), 400, 'VALIDATION');
  });

  it('with unknown fields is refused by name', async () => {
    const body = refusal(await post({ kind: 'command', colour: 'red' }), 400, 'VALIDATION');
    expect(body.issues?.[0]?.path).toBe('colour');
  });

  it('with NUL in a text is refused, wherever it is', async () => {
    for (const input of [
      { kind: 'command', concurrency_key: 'a\0b' },
      { kind: 'command', payload: { deep: ['a\0b'] } },
      { kind: 'command', labels: { a: '\0' } },
      { kind: 'a\0b' },
    ]) {
      expect(refusal(await post(input), 400, 'VALIDATION').issues).not.toEqual([]);
    }
  });

  it('with half of a surrogate pair is kept where it can be, else refused', async () => {
    expect((await post('{"kind":"command","payload":{"a":"\\ud800"}}')).json).toMatchObject({ payload: { a: '\ud800' } });
    refusal(await post('{"kind":"command","labels":{"a":"\\ud800"}}'), 400, 'VALIDATION');
  });

  it('of wrong types names each field', async () => {
    const body = refusal(await post({ kind: 5, priority: '1', labels: [], timeout_ms: 1.5, run_at: 'yesterday' }), 400, 'VALIDATION');
    expect([...new Set(body.issues?.map(({ path }) => path))].toSorted()).toEqual(['kind', 'labels', 'priority', 'run_at', 'timeout_ms']);
  });

  it('over 1 MiB is refused, announced or not', async () => {
    refusal(await post({ kind: 'command', payload: 'x'.repeat(2_097_152) }), 413, 'PAYLOAD_TOO_LARGE');
    const chunk = new TextEncoder().encode('x'.repeat(65_536));
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.byteLength;
        if (sent > 2_097_152) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const answer = await fetch(`${server.url}/v1/workloads`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it('with a payload over its own limit names the field', async () => {
    const body = refusal(await post({ kind: 'command', payload: 'x'.repeat(600_000) }), 400, 'VALIDATION');
    expect(body.issues?.[0]?.path).toBe('payload');
  });

  it('nested too deeply is refused', async () => {
    refusal(await post(`{"kind":"command","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 400, 'VALIDATION');
  });

  it('with __proto__ is refused', async () => {
    refusal(await post('{"kind":"command","__proto__":{"queue":"x"}}'), 400, 'VALIDATION');
    refusal(await post('{"kind":"command","payload":{"a":{"__proto__":{}}}}'), 400, 'VALIDATION');
  });

  it('of hundreds of thousands of wrong items is refused in few words', async () => {
    refusal(await server.send('POST /v1/workloads/batch', `{"items":[${'1,'.repeat(300_000)}1]}`), 400, 'VALIDATION');
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/octet-stream',
  ])('announced as %s is refused on REST and on RPC', async (type) => {
    refusal(await post('{"kind":"command"}', { 'content-type': type }), 415, 'VALIDATION');
    const rpc = await server.send('POST /trpc/workloads.create', '{"kind":"command"}', { 'content-type': type });
    expect(rpc).toMatchObject({ status: 415, json: { error: { data: { app_code: 'VALIDATION' } } } });
    const batch = await server.send('POST /trpc/workloads.create?batch=1', '{"0":{"kind":"command"}}', { 'content-type': type });
    expect(batch).toMatchObject({ status: 415, json: { error: { data: { app_code: 'VALIDATION' } } } });
  });

  it('that is compressed or not UTF-8 is refused', async () => {
    refusal(await post('{"kind":"command"}', { 'content-encoding': 'gzip' }), 415, 'VALIDATION');
    const answer = await fetch(`${server.url}/v1/workloads`, {
      method: 'POST',
      body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(400);
  });
});

describe('an id in a path', () => {
  it.each(['a%2Fb', '..%2F..%2Fetc', 'a%00b', 'a b'.replace(' ', '%20'), 'x'.repeat(10_000), "x'%20or%201=1--", '%F0%9F%98%80'])(
    '%s is refused by name',
    async (id) => {
      const body = refusal(await server.get(`/v1/workloads/${id}`), 400, 'VALIDATION');
      expect(body.issues?.[0]?.path).toBe('id');
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'wl_none'])('%s is not found', async (id) => {
    refusal(await server.get(`/v1/workloads/${id}`), 404, 'NOT_FOUND');
  });

  it('with a broken escape is not found', async () => {
    refusal(await server.get('/v1/workloads/%E0%A4%A'), 404, 'NOT_FOUND');
  });

  it('cannot be overruled by the body', async () => {
    const made = (await post({ kind: 'command' })).json as { id: string };
    const body = refusal(await server.send(`POST /v1/workloads/${made.id}/cancel`, { id: 'wl_other' }), 400, 'VALIDATION');
    expect(body.issues?.[0]?.path).toBe('id');
  });
});

describe('a query', () => {
  it.each(['0', '-1', '1e9', 'abc', '1.5', '1000000000', '', ' 5', '0x10'])('limit=%s is refused by name', async (limit) => {
    const body = refusal(await server.get(`/v1/workloads?limit=${encodeURIComponent(limit)}`), 400, 'VALIDATION');
    expect(body.issues?.[0]?.path).toBe('limit');
  });

  it('with unknown or repeated parameters is refused by name', async () => {
    expect(refusal(await server.get('/v1/workloads?colour=red'), 400, 'VALIDATION').issues?.[0]?.path).toBe('colour');
    expect(refusal(await server.get('/v1/workloads?limit=1&limit=2'), 400, 'VALIDATION').issues?.[0]?.path).toBe('limit');
    expect(refusal(await server.get('/v1/workloads?status=done'), 400, 'VALIDATION').issues?.[0]?.path).toMatch(/^status/);
  });

  it('with a cursor of another list, or an edited one, is refused by name', async () => {
    for (const cursor of ['key_0123', 'zzzz', 'AAAA', 'eyJpZCI6MX0', 'x'.repeat(512)]) {
      expect(refusal(await server.get(`/v1/workloads?cursor=${cursor}`), 400, 'VALIDATION').issues?.[0]?.path).toBe('cursor');
    }
  });

  it('with a list of no statuses is refused or means all of them, and is no failure', async () => {
    const input = encodeURIComponent(JSON.stringify({ status: [] }));
    expect((await server.get(`/trpc/workloads.list?input=${input}`)).status).toBe(200);
    expect((await server.get(`/trpc/publishing.publications.list?input=${input}`)).status).toBe(400);
  });

  it('accepts several statuses', async () => {
    expect((await server.get('/v1/workloads?status=pending,running')).status).toBe(200);
    expect((await server.get('/v1/workloads?status=pending&status=running')).status).toBe(200);
  });
});

describe('a path or a method', () => {
  it('that does not exist is a 404 in the same shape', async () => {
    for (const path of ['/v1/nothing', '/v1/workloads/a/b/c', '/api/nothing', '/v1/', '/v1//workloads'])
      refusal(await server.get(path), 404, 'NOT_FOUND');
    const rpc = await server.get('/trpc/workloads.nothing');
    expect(rpc).toMatchObject({ status: 404, json: { error: { data: { app_code: 'NOT_FOUND' } } } });
  });

  it('that is wrong is a 405 that says what is right', async () => {
    const answer = await server.send('PUT /v1/workloads', { kind: 'command' });
    refusal(answer, 405, 'VALIDATION');
    expect(answer.headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'POST']);
    expect((await server.send('DELETE /v1/stats')).headers.get('allow')).toBe('GET');
  });

  it('never changes anything by GET', async () => {
    expect((await server.get('/trpc/workloads.create?input=%7B%22kind%22%3A%22command%22%7D')).status).toBe(405);
    expect((await server.send('POST /trpc/workloads.stats', {})).status).toBe(405);
  });

  it('with more than 20 calls in a batch is refused', async () => {
    const paths = Array.from({ length: 21 }, () => 'workloads.stats').join(',');
    const answer = await server.get(`/trpc/${paths}?batch=1&input=%7B%7D`);
    expect(answer.status).toBe(400);
    expect(answer.text.length).toBeLessThanOrEqual(8192);
  });

  it('with a batch of nothing but commas, or of changes by GET, is refused in few words', async () => {
    const commas = await server.get(`/trpc/${','.repeat(5000)}?batch=1`);
    expect(commas.status).toBeGreaterThanOrEqual(400);
    expect(commas.status).toBeLessThan(500);
    const mixed = await server.get('/trpc/workloads.stats,workloads.create?batch=1&input=%7B%221%22%3A%7B%22kind%22%3A%22command%22%7D%7D');
    expect(mixed.status).toBe(400);
    for (const answer of [commas, mixed]) expect(answer.text.length).toBeLessThanOrEqual(8192);
  });

  it('with an unknown Host that is no name is a 400', async () => {
    expect((await server.raw({ path: '/v1/stats', headers: { host: 'a b' } })).status).toBe(400);
  });
});
