import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { startJob } from '@tidemark/sdk/testing';
import { MonitorResult, StepEvent } from '@tidemark/core/steps/contract';
import { describe, expect, test } from 'vitest';
import { plainContainment } from '../../testing/containment.ts';
import { createMonitorExecutor } from './run-monitor.ts';
import { runMonitorJob, serveSite } from './testing/run.ts';

const executor = createMonitorExecutor({ chromium: null, containment: plainContainment() });
const run = (payload: Record<string, unknown>): ReturnType<typeof runMonitorJob> => runMonitorJob(executor, payload);

const http = (url: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({ type: 'http', url, ...more });

describe('a monitor without steps', () => {
  test.each([200, 204, 304])('passes on %d', async (status) => {
    await using site = await serveSite((_request, response) => void response.writeHead(status).end());
    const { outcome, result } = await run({ url: site.url });
    expect(outcome.op).toBe('complete');
    expect(result).toMatchObject({ passed: true, steps_passed: 1, steps_total: 1, details: 'All steps passed.', error: null, attempts: 1 });
    expect(MonitorResult.parse(result).passed).toBe(true);
  });

  test.each([404, 500, 503])('fails on %d as a completed job that says so', async (status) => {
    await using site = await serveSite((_request, response) => void response.writeHead(status).end());
    const { outcome, result } = await run({ url: site.url });
    expect(outcome.op).toBe('complete');
    expect(result).toMatchObject({ passed: false, steps_passed: 0, details: '0 of 1 steps passed.' });
    expect(result.error).toBe(`Step 1 failed: status: expected 2xx or 3xx, got ${status}`);
  });

  test('tells each phase while it runs', async () => {
    await using site = await serveSite((_request, response) => void response.end('ok'));
    const { events } = await run({ url: `${site.url}/shop?key=secret-in-query` });
    expect(events.map(({ type }) => type)).toEqual([
      'run_start',
      'plan_start',
      'plan_complete',
      'step_start',
      'step_complete',
      'run_complete',
    ]);
    expect(events.map(({ message }) => message)).toEqual([
      'Run run_1 of Login Flow started',
      `Planning test for ${site.url}/shop`,
      'Plan created: 1 step',
      `Step 1: GET ${site.url}/shop`,
      'Step 1 passed',
      'All steps passed.',
    ]);
    expect(events[4]).toMatchObject({ step_number: 1, passed: true });
    for (const event of events) expect(StepEvent.safeParse(event).success).toBe(true);
    for (const event of events) expect(new Date(event.timestamp).toISOString()).toBe(event.timestamp);
  });
});

describe('assertions', () => {
  const answer = { user: { id: 7, name: 'Ada', roles: ['admin', 'dev'] }, 'odd key': true, list: [{ n: 1 }, { n: 2 }] };
  const cases: [assertion: Record<string, unknown>, passed: boolean][] = [
    [{ source: 'status', op: 'eq', value: 201 }, true],
    [{ source: 'status', op: 'ne', value: 201 }, false],
    [{ source: 'status', op: 'lt', value: 300 }, true],
    [{ source: 'status', op: 'gte', value: 202 }, false],
    [{ source: 'header', path: 'Content-Type', op: 'contains', value: 'json' }, true],
    [{ source: 'header', path: 'x-none', op: 'exists' }, false],
    [{ source: 'header', path: 'x-none', op: 'exists', value: false }, true],
    [{ source: 'header', path: 'x-none', op: 'not_contains', value: 'a' }, true],
    [{ source: 'header', path: 'x-none', op: 'contains', value: 'a' }, false],
    [{ source: 'body', op: 'contains', value: 'Ada' }, true],
    [{ source: 'body', op: 'not_contains', value: 'Ada' }, false],
    [{ source: 'body', op: 'matches', value: '^\\{"user"' }, true],
    [{ source: 'body', op: 'matches', value: '^nope' }, false],
    [{ source: 'json', path: '$.user.id', op: 'eq', value: 7 }, true],
    [{ source: 'json', path: '$.user.id', op: 'eq', value: '7' }, true],
    [{ source: 'json', path: '$.user.id', op: 'eq', value: 8 }, false],
    [{ source: 'json', path: '$.user.id', op: 'gt', value: 7 }, false],
    [{ source: 'json', path: '$.user.id', op: 'lte', value: 7 }, true],
    [{ source: 'json', path: '$.user.name', op: 'lt', value: 9 }, false],
    [{ source: 'json', path: '$.user.roles', op: 'contains', value: 'admin' }, true],
    [{ source: 'json', path: '$.user.roles', op: 'contains', value: 'adm' }, false],
    [{ source: 'json', path: '$.list[*].n', op: 'contains', value: '2' }, true],
    [{ source: 'json', path: '$["odd key"]', op: 'eq', value: true }, true],
    [{ source: 'json', path: '$.list[-1].n', op: 'eq', value: 2 }, true],
    [{ source: 'json', path: '$.constructor', op: 'exists' }, false],
    [{ source: 'latency_ms', op: 'lte', value: 60_000 }, true],
    [{ source: 'latency_ms', op: 'lt', value: 0 }, false],
    [{ source: 'tls_days_left', op: 'gt', value: 7 }, false],
  ];

  test.each(cases)('%j: %s', async (assertion, passed) => {
    await using site = await serveSite((_request, response) => {
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    const { result } = await run({ steps: [http(site.url, { assert: [assertion] })] });
    expect(result.step_results[0]?.assertions).toMatchObject([{ ...('value' in assertion ? {} : { expected: true }), passed }]);
    expect(result.passed).toBe(passed);
  });

  test('are all told, with what was expected and what came', async () => {
    await using site = await serveSite((_request, response) => void response.writeHead(503).end('down'));
    const assert = [
      { source: 'status', op: 'eq', value: 200 },
      { source: 'body', op: 'contains', value: 'up' },
      { source: 'body', op: 'contains', value: 'down' },
    ];
    const { result } = await run({ steps: [http(site.url, { name: 'login', assert })] });
    expect(result.step_results).toMatchObject([
      {
        step_number: 1,
        name: 'login',
        type: 'http',
        passed: false,
        error: 'status: expected 200, got 503',
        assertions: [
          { source: 'status', op: 'eq', expected: 200, actual: 503, passed: false },
          { source: 'body', op: 'contains', expected: 'up', actual: 'down', passed: false },
          { source: 'body', op: 'contains', expected: 'down', actual: 'down', passed: true },
        ],
      },
    ]);
    expect(Object.keys(result.step_results[0]?.phases ?? {})).toEqual(['dns_ms', 'connect_ms', 'tls_ms', 'ttfb_ms', 'download_ms']);
  });

  test('with a pattern that explodes time out without holding up the agent', async () => {
    await using site = await serveSite((_request, response) => void response.end(`${'a'.repeat(50_000)}b`));
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const { result } = await run({ steps: [http(site.url, { assert: [{ source: 'body', op: 'matches', value: '(a+)+$' }] })] });
    clearInterval(timer);
    expect(result.error).toContain('the pattern timed out');
    // In the agent's own thread it would take longer than anybody lives.
    expect(longest).toBeLessThan(30_000);
    const next = await run({ steps: [http(site.url, { assert: [{ source: 'body', op: 'matches', value: 'b$' }] })] });
    expect(next.result.passed).toBe(true);
  });
});

describe('captured values', () => {
  test('are used in address, headers, body and assertions, and are never shown', async () => {
    const token = 'tok-4711-very-secret';
    const seen: string[] = [];
    await using site = await serveSite((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['authorization'] ?? ''}`);
      if (request.url === '/login') response.end(JSON.stringify({ token, order: { path: 'orders/12' } }));
      else request.on('data', (chunk: Buffer) => seen.push(chunk.toString())).on('end', () => response.writeHead(401).end(`no, ${token}`));
    });
    const steps = [
      http(`${site.url}/login`, {
        capture: [
          { name: 'token', source: 'json', path: '$.token' },
          { name: 'path', source: 'json', path: '$.order.path' },
        ],
      }),
      http(`${site.url}/{{path}}`, {
        method: 'POST',
        headers: { authorization: 'Bearer {{token}}' },
        body: { deep: [{ token: '{{token}}' }] },
        assert: [
          { source: 'status', op: 'eq', value: 200 },
          { source: 'body', op: 'eq', value: 'yes, {{token}}' },
        ],
      }),
    ];
    const { result, told } = await run({ steps });
    expect(seen).toEqual(['GET /login ', `POST /orders/12 Bearer ${token}`, JSON.stringify({ deep: [{ token }] })]);
    expect(result).toMatchObject({ passed: false, steps_passed: 1, steps_total: 2, details: '1 of 2 steps passed.' });
    expect(result.error).toBe('Step 2 failed: status: expected 200, got 401');
    expect(result.step_results[1]?.assertions[1]).toMatchObject({ expected: 'yes, •••', actual: 'no, •••' });
    expect(told).not.toContain(token);
  });

  test('that the answer does not have fail the step by name', async () => {
    await using site = await serveSite((_request, response) => void response.end('{}'));
    const capture = [{ name: 'token', source: 'json', path: '$.token' }];
    const { result } = await run({ steps: [http(site.url, { capture })] });
    expect(result.error).toBe('Step 1 failed: capture token: there is no json $.token in the answer');
  });

  test('that no step captured fail the step by name, before anything is sent', async () => {
    await using site = await serveSite((_request, response) => void response.end());
    const { result } = await run({ steps: [http(`${site.url}/{{nothing}}`)] });
    expect(result.error).toBe('Step 1 failed: {{nothing}} was not captured by an earlier step');
    expect(site.asked).toEqual([]);
  });

  test('cannot lead to a host that is not allowed', async () => {
    await using site = await serveSite((_request, response) => void response.end('http://169.254.169.254/latest/'));
    const steps = [http(site.url, { capture: [{ name: 'next', source: 'body' }] }), http('{{next}}')];
    const { result } = await run({ steps });
    expect(result.error).toContain('a cloud metadata address');
  });

  test('of a header given in the monitor are masked when a server sends them back', async () => {
    await using site = await serveSite((request, response) => void response.end(`you sent ${request.headers['authorization'] ?? ''}`));
    const assert = [{ source: 'body', op: 'eq', value: 'x' }];
    const { told, result } = await run({ steps: [http(site.url, { headers: { Authorization: 'Bearer abcdef123456' }, assert })] });
    expect(result.step_results[0]?.assertions[0]?.actual).toBe('you sent •••');
    expect(told).not.toContain('abcdef123456');
  });
});

describe('a target', () => {
  test('on loopback is refused unless it is allowed, and the message says who can', async () => {
    await using site = await serveSite((_request, response) => void response.end());
    const refused = await run({ url: site.url, egress: { allow: [] } });
    expect(refused.outcome.op).toBe('complete');
    expect(refused.result.error).toBe('Step 1 failed: egress: 127.0.0.1 is a loopback address; an administrator can allow it');
    expect((await run({ url: site.url, egress: undefined })).result.passed).toBe(false);
    expect(site.asked).toEqual([]);
    expect((await run({ url: site.url, egress: { allow: ['127.0.0.0/8'] } })).result.passed).toBe(true);
  });

  test('that the machine denies stays denied whatever the server allows', async () => {
    await using site = await serveSite((_request, response) => void response.end());
    const strict = createMonitorExecutor({ chromium: null, containment: plainContainment(), deny: ['127.0.0.0/8'] });
    const { result } = await runMonitorJob(strict, { url: site.url, egress: { allow: ['127.0.0.0/8'] } });
    expect(result.error).toContain('this machine may not reach');
    expect(site.asked).toEqual([]);
  });

  test('that does not answer in time fails the run in time', async () => {
    await using site = await serveSite(() => undefined);
    const { result } = await run({ url: site.url, timeout_ms: 300 });
    expect(result.error).toContain('took more than');
    expect(result.step_results[0]?.phases?.ttfb_ms).toBeGreaterThan(0);
  });
});

describe('tries', () => {
  test('are repeated inside the run: one result, and the count of tries', async () => {
    await using site = await serveSite((_request, response) => void response.writeHead(site.asked.length < 2 ? 500 : 200).end());
    const { result, events } = await run({ url: site.url, retries: 3 });
    expect(site.asked).toHaveLength(2);
    expect(result).toMatchObject({
      passed: true,
      attempts: 2,
      details: 'All steps passed after 2 tries.',
      steps_passed: 1,
      steps_total: 1,
    });
    expect(events.filter(({ type }) => type === 'run_start')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'run_complete')).toHaveLength(1);
    expect(events.find(({ type }) => type === 'log')?.message).toContain('Try 1 of 4 failed');
  });

  test('end before the job itself is ended', async () => {
    await using site = await serveSite((_request, response) => void response.writeHead(500).end());
    const payload = {
      test_id: 't',
      run_id: 'r',
      url: site.url,
      steps: [],
      timeout_ms: 1000,
      retries: 10,
      egress: { allow_loopback: true },
    };
    const outcome = await startJob(executor, payload, { timeout_ms: 2500 }).outcome;
    expect(outcome.op).toBe('complete');
    expect(site.asked.length).toBeGreaterThanOrEqual(1);
    expect(site.asked.length).toBeLessThanOrEqual(3);
  });

  test('end at once when the job has to stop', async () => {
    const asked = Promise.withResolvers<void>();
    await using site = await serveSite(() => asked.resolve());
    const payload = {
      test_id: 't',
      run_id: 'r',
      url: site.url,
      steps: [],
      timeout_ms: 60_000,
      retries: 5,
      egress: { allow_loopback: true },
    };
    const job = startJob(executor, payload);
    await asked.promise;
    job.stop('cancelled', 0);
    expect(await job.outcome).toMatchObject({ op: 'fail', retryable: true });
    expect(site.asked).toHaveLength(1);
  });
});

describe('a payload', () => {
  test.each([
    [{ steps: [] }, 'neither steps nor a url'],
    [{ steps: [{ type: 'nope' }] }, 'payload.steps.0'],
    [{ steps: [{ type: 'http', url: 'file:///etc/passwd' }] }, 'must begin with http:// or https://'],
    [{ url: 'http://x/', egress: { allow: ['10.0.0.0/99'] } }, '"10.0.0.0/99" in a list of hosts'],
  ])('%j is refused for good', async (payload, words) => {
    const { outcome } = await run(payload);
    expect(outcome).toMatchObject({ op: 'fail', retryable: false });
    expect(outcome.op === 'fail' ? outcome.error : '').toContain(words);
  });

  test('with browser steps is for another worker where there is no Chromium', async () => {
    const { outcome } = await run({ steps: [{ type: 'browser', actions: [{ do: 'goto', url: 'http://127.0.0.1:1/' }] }] });
    expect(outcome).toMatchObject({ op: 'fail', retryable: true });
  });
});

test('a result stays JSON and within its limit however much there is to tell', async () => {
  await using site = await serveSite((_request, response) => void response.end('"'.repeat(2000)));
  const assert = Array.from({ length: 50 }, () => ({ source: 'body', op: 'not_contains', value: '\u0001'.repeat(2000) }));
  const { outcome, result } = await run({ steps: Array.from({ length: 50 }, () => http(site.url, { assert })) });
  expect(result).toMatchObject({ passed: true, steps_total: 50 });
  expect(result.step_results).toHaveLength(50);
  expect(Buffer.byteLength(outcome.output ?? '')).toBeLessThanOrEqual(524_288);
});

describe('tcp and ping', () => {
  test('a port that accepts passes both, one that refuses passes ping alone', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const step = (type: string): Record<string, unknown> => ({ type, host: '127.0.0.1', port });
    const limit = { assert: [{ source: 'latency_ms', op: 'lt', value: 10_000 }] };
    expect((await run({ steps: [{ ...step('tcp'), ...limit }, step('ping')] })).result.passed).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    const refused = await run({ steps: [step('tcp')] });
    expect(refused.result.error).toBe(`Step 1 failed: egress: 127.0.0.1:${port} refused the connection`);
    expect((await run({ steps: [step('ping')] })).result.passed).toBe(true);
    expect((await run({ steps: [step('ping')], egress: { allow: [] } })).result.error).toContain('loopback');
  });
});

/** Answers every question for `known.test` with one A record, every other with "no such name", and none at all when silent. */
async function serveNames(mode: 'answer' | 'silent'): Promise<AsyncDisposable & { port: number }> {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    if (mode === 'silent') return;
    const isKnown = question.includes(Buffer.from('\u0005known\u0004test\u0000', 'latin1'));
    const end = question.indexOf(0, 12) + 5;
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(isKnown ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
    socket.send(Buffer.concat([header, question.subarray(12, end), ...(isKnown ? [record] : [])]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

describe('dns', () => {
  test('asks the name server that is named and checks its records', async () => {
    await using names = await serveNames('answer');
    const step = { type: 'dns', host: 'known.test', record: 'A', server: `127.0.0.1:${names.port}` };
    const assert = [
      { source: 'record', op: 'eq', value: '192.0.2.7' },
      { source: 'body', op: 'contains', value: '192.0.2.' },
      { source: 'latency_ms', op: 'lt', value: 10_000 },
    ];
    expect((await run({ steps: [{ ...step, assert }] })).result.passed).toBe(true);
    const other = await run({ steps: [{ ...step, assert: [{ source: 'record', op: 'eq', value: '192.0.2.8' }] }] });
    expect(other.result.error).toBe('Step 1 failed: record: expected 192.0.2.8, got ["192.0.2.7"]');
    const missing = await run({ steps: [{ ...step, host: 'missing.test' }] });
    expect(missing.result.error).toBe('Step 1 failed: A of missing.test: no such name');
  });

  test('ends at the limit when the name server is silent', async () => {
    await using names = await serveNames('silent');
    const step = { type: 'dns', host: 'known.test', server: `127.0.0.1:${names.port}` };
    const { result } = await run({ steps: [step], timeout_ms: 300 });
    expect(result.error).toMatch(/no answer within \d+ ms/);
  });

  test('does not ask a name server that is not allowed, nor one that is no address', async () => {
    const step = { type: 'dns', host: 'known.test', server: '10.0.0.53' };
    expect((await run({ steps: [step] })).result.error).toContain('10.0.0.53 is a private address');
    expect((await run({ steps: [{ ...step, server: 'ns.example' }] })).result.error).toContain('is not an address');
  });
});
