import { LoadDemoInput } from '@tidemark/core/demo/contract';
import { startRedis, testRedisUrl, waitUntil, LiveReader } from '@tidemark/core/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

interface Listed {
  readonly results: { run_id: string; passed: boolean; started_at: string }[];
  readonly total: number;
}

describe.skipIf(testRedisUrl() === null)('a Redis filled by hand in the layout of requirement 002', () => {
  let redisServer: Awaited<ReturnType<typeof startRedis>>;
  let redis: Redis;
  let server: TestServer;
  const now = Math.floor(Date.now() / 1000) * 1000;

  const record = (runId: string, at: number, passed: boolean): string =>
    JSON.stringify({
      run_id: runId,
      passed,
      duration_ms: 12_340,
      steps_passed: passed ? 3 : 2,
      steps_total: 3,
      details: passed ? 'All steps passed.' : '2 of 3 steps passed.',
      step_results: [],
      error: passed ? null : 'Step 2 failed: button not found',
      triggered_by: 'qstash',
      started_at: iso(at),
      completed_at: iso(at + 12_000),
    });

  /** A run every hour of the last day, the third newest failed, as an earlier deployment wrote them. */
  const fill = async (id: string): Promise<void> => {
    for (let hour = 23; hour >= 0; hour -= 1) {
      const at = now - hour * HOUR_MS - 60_000;
      const passed = hour !== 2;
      await redis.zadd(`results:${id}`, at / 1000, record(`run${hour}`, at, passed));
      await redis.zadd(`timing:${id}`, at / 1000, hour > 12 ? String(10_000 + hour) : `12340:run${hour}`);
      if (!passed) {
        const incident = { run_id: `run${hour}`, test_id: id, error: 'Step 2 failed: button not found', details: '2 of 3 steps passed.' };
        await redis.lpush(`incidents:${id}`, JSON.stringify({ ...incident, started_at: iso(at), alert_sent: true }));
      }
    }
    await redis.xadd(`events:${id}`, '*', 'type', 'plan_start', 'message', 'Planning test for https://example.com', 'timestamp', iso(now));
    const step = ['type', 'step_complete', 'message', 'Step 1 passed', 'step_number', '1', 'passed', 'true', 'timestamp', iso(now)];
    await redis.xadd(`events:${id}`, '*', ...step);
    await redis.hset(`test:${id}`, { name: 'Login Flow', url: 'https://example.com/login', status: 'active' });
    await redis.hset(`test:${id}`, { last_result: 'passed', last_run_at: iso(now - 60_000) });
  };

  beforeAll(async () => {
    redisServer = await startRedis();
    redis = new Redis(redisServer.url);
    await fill('abc12345');
    await redis.hset('test:paused01', { name: 'Checkout', url: 'https://example.com/cart', status: 'paused' });
    server = await startTestServer('pglite', { config: { history_store: 'redis', redis_url: redisServer.url } });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    redis.disconnect();
    await redisServer.stop();
  });
  const read = async <Body>(path: string): Promise<Body> => {
    const answer = await server.get(path);
    expect({ path, status: answer.status, text: answer.text.slice(0, 300) }).toMatchObject({ status: 200 });
    return answer.json as Body;
  };

  it('answers its results, newest first, by offset and by cursor', async () => {
    const all = await read<Listed>('/api/tests/abc12345/results?limit=100');
    expect(all.total).toBe(24);
    expect(all.results.map((run) => run.run_id)).toEqual(Array.from({ length: 24 }, (_, hour) => `run${hour}`));
    expect(all.results[2]).toMatchObject({
      passed: false,
      duration_ms: 12_340,
      steps_passed: 2,
      steps_total: 3,
      error: 'Step 2 failed: button not found',
      triggered_by: 'qstash',
    });
    expect((await read<Listed>('/api/tests/abc12345/results?offset=1&limit=1')).results).toMatchObject([{ run_id: 'run1' }]);
    const first = await read<Listed & { next_cursor: string }>('/api/tests/abc12345/results?limit=10');
    const second = await read<Listed>(`/api/tests/abc12345/results?limit=10&cursor=${first.next_cursor}`);
    expect(second.results[0]?.run_id).toBe('run10');
    expect((await read<Listed>('/api/tests/abc12345/results?passed=false')).results).toMatchObject([{ run_id: 'run2' }]);
  });

  it('answers its timing, also of members without a run id', async () => {
    const { timing, total } = await read<{ timing: { duration_ms: number; run_id: string | null }[]; total: number }>(
      '/api/tests/abc12345/timing',
    );
    expect(total).toBe(24);
    expect(timing[0]).toMatchObject({ duration_ms: 12_340, run_id: 'run0', timestamp: new Date(now - 60_000).toISOString() });
    expect(timing[23]).toMatchObject({ duration_ms: 10_023, run_id: null });
  });

  it('answers its uptime by runs and by time, over any window', async () => {
    expect(await read('/api/tests/abc12345/uptime')).toMatchObject({
      test_id: 'abc12345',
      uptime_pct: 95.8,
      total_runs: 24,
      passed_runs: 23,
      failed_runs: 1,
      window_hours: 24,
      time_weighted: { down_ms: HOUR_MS - (HOUR_MS - 3 * 300_000) },
    });
    expect(await read('/api/tests/abc12345/uptime?hours=2')).toMatchObject({ total_runs: 2, uptime_pct: 100 });
    expect(await read('/api/tests/abc12345/uptime/explain')).toMatchObject({ failed_runs: [{ run_id: 'run2' }] });
    expect(await read('/api/tests/abc12345/outages')).toMatchObject({ items: [{ status: 'resolved', first_run_id: 'run2' }] });
  });

  it('answers its incidents and the dashboard', async () => {
    expect(await read('/api/tests/abc12345/incidents')).toMatchObject({
      total: 1,
      incidents: [{ run_id: 'run2', test_id: 'abc12345', error: 'Step 2 failed: button not found', alert_sent: true }],
    });
    expect(await read('/api/dashboard')).toMatchObject({
      total_tests: 2,
      active_tests: 1,
      paused_tests: 1,
      passing: 1,
      failing: 0,
      pending: 1,
      recent_runs: [
        { test_id: 'abc12345', test_name: 'Login Flow', last_result: 'passed', last_run_at: new Date(now - 60_000).toISOString() },
      ],
    });
  });

  it('streams its events, with numbers and booleans, and those that come without a word to the server', async () => {
    await using live = await LiveReader.open(`${server.url}/api/tests/abc12345/live`);
    expect((await live.next())?.data).toMatchObject({ type: 'plan_start', message: 'Planning test for https://example.com' });
    const step = await live.next();
    expect(step?.data).toMatchObject({ type: 'step_complete', step_number: 1, passed: true });
    await redis.xadd('events:abc12345', '*', 'type', 'log', 'message', 'from outside', 'timestamp', iso(now));
    expect((await live.next())?.data).toMatchObject({ type: 'log', message: 'from outside' });
    await using again = await LiveReader.open(`${server.url}/api/tests/abc12345/live`, { 'last-event-id': step?.id ?? '' });
    expect((await again.next())?.data).toMatchObject({ message: 'from outside' });
  });

  it('knows a monitor that is filled in while it runs, and records that come later', async () => {
    expect((await server.get('/api/tests/later001/uptime')).status).toBe(404);
    await fill('later001');
    expect(await read('/api/tests/later001/uptime')).toMatchObject({ total_runs: 24, failed_runs: 1 });
    const at = now - 40 * DAY_MS;
    await redis.zadd('results:later001', now / 1000, record('runx', now, false), at / 1000, record('runy', at, false));
    expect(await read('/api/tests/later001/uptime')).toMatchObject({ total_runs: 25, failed_runs: 2, uptime_pct: 92 });
    await redis.hset('test:later001', { last_result: 'failed', last_run_at: iso(now) });
    await waitUntil(async () =>
      expect(await read('/api/dashboard')).toMatchObject({ failing: 1, recent_runs: [{ test_id: 'later001', last_result: 'failed' }, {}] }),
    );
    expect(await read('/api/tests')).toMatchObject({ total: 3 });
  });

  it('reads records with fields missing, and what is no record does no harm', async () => {
    await redis.hset('test:sparse01', { name: 'Sparse', url: 'https://example.com' });
    const at = (now - 5000) / 1000;
    await redis.zadd(
      'results:sparse01',
      at,
      JSON.stringify({ passed: true }),
      at - 1,
      'not JSON',
      at - 2,
      '{"run_id":"a","passed":"false"}',
    );
    await redis.lpush('incidents:sparse01', '{"run_id":"a"}', 'not JSON');
    await redis.zadd('timing:sparse01', at, '250', at - 2, '100.6:a');
    const { results, total } = await read<Listed>('/api/tests/sparse01/results');
    expect(total).toBe(3);
    expect(results).toMatchObject([
      { passed: true, duration_ms: 0, steps_total: 0, step_results: [], error: null, started_at: new Date(at * 1000).toISOString() },
      { run_id: 'a', passed: false },
    ]);
    const named = await read(`/api/tests/sparse01/results/${results[0]?.run_id ?? ''}`);
    expect(named).toMatchObject({ passed: true });
    expect(await read('/api/tests/sparse01/uptime')).toMatchObject({ total_runs: 2, uptime_pct: 50 });
    expect(await read('/api/tests/sparse01/incidents')).toMatchObject({ incidents: [{ run_id: 'a', error: null, alert_sent: false }] });
    expect(await read('/api/tests/sparse01/timing')).toMatchObject({ timing: [{ duration_ms: 250 }, { duration_ms: 101, run_id: 'a' }] });
  });

  it('downloads its results as CSV and as JSON lines, with the filters of the list, and no file of an unknown monitor', async () => {
    const csv = await server.get('/api/tests/abc12345/results.csv');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const rows = csv.text.split('\r\n');
    expect(rows[0]).toMatch(/^run_id,passed,duration_ms,.*,is_excluded,workload_id,worker_id$/);
    expect(rows[1]).toBe(
      `run0,true,12340,3,3,All steps passed.,,qstash,${new Date(now - 60_000).toISOString()},${new Date(now - 48_000).toISOString()},1,false,false,false,,`,
    );
    expect(rows).toHaveLength(26);
    const lines = await server.get('/api/tests/abc12345/results.jsonl?passed=false');
    expect(lines.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    expect(JSON.parse(lines.text)).toMatchObject({ run_id: 'run2', passed: false, step_results: [] });
    const window = `from=${encodeURIComponent(iso(now - 2 * HOUR_MS))}&to=${encodeURIComponent(iso(now - 60_000))}`;
    expect((await server.get(`/api/tests/abc12345/results.csv?${window}`)).text.trimEnd().split('\r\n')[1]).toMatch(/^run1,/);
    await redis.hset('test:formula1', { name: 'Formula', url: 'https://example.com' });
    await redis.zadd(
      'results:formula1',
      now / 1000,
      JSON.stringify({ run_id: 'x', passed: false, error: '=cmd()', artifacts: [{ base64: 'AAAA' }] }),
    );
    expect((await server.get('/api/tests/formula1/results.csv')).text).toContain(",'=cmd(),");
    expect((await server.get('/api/tests/formula1/results.jsonl')).text).not.toContain('artifacts');
    expect(await server.get('/api/tests/tst_none/results.csv')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    expect(await server.get('/api/tests/abc12345/results.csv?from=soon')).toMatchObject({ status: 400, json: { code: 'VALIDATION' } });
  });

  it('downloads a history of many pages once, although something in it is unreadable and ids came twice', async () => {
    await redis.hset('test:long0001', { name: 'Long', url: 'https://example.com' });
    // One has the id of a run two hours newer; another, the last of a page, that of one two days older.
    const names = new Map([
      [129, 'run9'],
      [199, 'run2999'],
    ]);
    const name = (index: number): string => names.get(index) ?? `run${index}`;
    const batch = redis.pipeline();
    for (let index = 0; index < 3100; index += 1) {
      const at = now - index * 60_000;
      batch.zadd('results:long0001', at / 1000, index === 50 ? 'not JSON' : record(name(index), at, index % 3 > 0));
    }
    await batch.exec();
    const ids = (text: string): (string | undefined)[] =>
      text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(',')[0]);
    const expected = Array.from({ length: 3100 }, (_, index) => name(index)).filter((_, index) => index !== 50);
    const failed = ids((await server.get('/api/tests/long0001/results.csv?passed=false')).text);
    expect(failed.length).toBeGreaterThan(1000);
    expect(new Set(failed).size).toBe(failed.length);
    expect(ids((await server.get('/api/tests/long0001/results.csv')).text)).toEqual(expected);
  });
});

describe.skipIf(testRedisUrl() === null)('a server with demo data and its history in Redis', () => {
  it('shows the runs of the demo', async () => {
    const redis = await startRedis();
    try {
      await using server = await startTestServer('pglite', {
        config: { history_store: 'redis', redis_url: redis.url },
        demo: { action: 'load', input: LoadDemoInput.parse({ days: 1 }) },
      });
      const read = async (path: string): Promise<unknown> => (await server.get(`/api/tests/tst_demo_checkout/${path}`)).json;
      const { total, results } = (await read('results')) as Listed;
      expect(total).toBeGreaterThan(1000);
      expect(results).toHaveLength(20);
      expect(await read('uptime')).toMatchObject({ has_data: true, failed_runs: expect.any(Number) as number });
      expect(await read('incidents')).toMatchObject({ incidents: expect.arrayContaining([expect.anything()]) as unknown });
    } finally {
      await redis.stop();
    }
  });
});
