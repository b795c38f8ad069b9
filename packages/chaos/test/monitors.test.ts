import { findPostgres, LiveReader, type Frame } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rest } from './rest.ts';
import { System, waitUntil } from './system.ts';
import { Targets } from './targets.ts';

const SIX = ['results', 'timing', 'uptime', 'incidents', 'live'].map((name) => `/api/tests/{test_id}/${name}`);
/** Events of a run with one step. */
const PER_RUN = ['run_start', 'plan_start', 'plan_complete', 'step_start', 'step_complete', 'run_complete'];

interface Run {
  run_id: string;
  passed: boolean;
  duration_ms: number;
  error: string | null;
  attempts: number;
  triggered_by: string;
  started_at: string;
  artifacts: { kind?: string }[];
  step_results: { error: string | null }[];
}

/** The test plans of requirement 002 as a person goes through them: a server, an agent and pages, each a process or a socket of its own. */
describe.skipIf(findPostgres() === null)('monitors, on real processes', () => {
  let under: System;
  let targets: Targets;
  let rest: Rest;

  beforeAll(async () => {
    under = await System.start({ servers: 1, agents: 1, slots: 8 });
    targets = await Targets.open();
    rest = new Rest(under.servers[0]?.url ?? '');
  });
  afterAll(async () => {
    await targets[Symbol.asyncDispose]();
    await under[Symbol.asyncDispose]();
  });

  const create = async (body: object = {}): Promise<string> =>
    (await rest.ask<{ id: string }>('POST /api/tests', { name: 'Login Flow', url: `${targets.url}/`, status: 'paused', ...body })).id;
  const run = (id: string): Promise<Run> => rest.ask<Run>(`POST /api/tests/${id}/run?wait=true`);
  const step = (url: string, more: object = {}): object => ({ type: 'http', url, ...more });

  it('Test 1: lists the runs of a test, newest first, page by page', async () => {
    const id = await create();
    const runs = [await run(id), await run(id), await run(id)].toReversed();
    const all = await rest.ask<{ results: Run[] }>(`GET /api/tests/${id}/results`);
    expect(all).toMatchObject({ test_id: id, total: 3, limit: 20, offset: 0 });
    expect(all.results.map((entry) => entry.run_id)).toEqual(runs.map((entry) => entry.run_id));
    expect(all.results[0]).toMatchObject({ passed: true, steps_passed: 1, steps_total: 1, error: null, triggered_by: 'manual' });
    expect(await rest.ask(`GET /api/tests/${id}/results?limit=1`)).toMatchObject({ results: [{ run_id: runs[0]?.run_id }], total: 3 });
    expect(await rest.ask(`GET /api/tests/${id}/results?offset=1&limit=1`)).toMatchObject({ results: [{ run_id: runs[1]?.run_id }] });
  });

  it('Test 2: gives a point per run, newest first', async () => {
    const id = await create();
    for (let count = 0; count < 5; count += 1) await run(id);
    const { timing, total } = await rest.ask<{ timing: { timestamp: string; duration_ms: number }[]; total: number }>(
      `GET /api/tests/${id}/timing`,
    );
    expect([timing.length, total]).toEqual([5, 5]);
    const times = timing.map((point) => point.timestamp);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(new Set(times).size).toBe(5);
  });

  it('Tests 3 and 4: counts uptime, and shows the failure of a page without the button', async () => {
    const { items: workers } = await rest.ask<{ items: { labels: Record<string, string> }[] }>('GET /v1/workers');
    const hasBrowser = workers.some((worker) => worker.labels['browser'] === 'chromium');
    const looking = hasBrowser
      ? {
          type: 'browser',
          actions: [
            { do: 'goto', url: `${targets.url}/` },
            { do: 'click', selector: 'text=XYZNONEXISTENT' },
          ],
        }
      : step(`${targets.url}/`, { assert: [{ source: 'body', op: 'contains', value: 'XYZNONEXISTENT' }] });
    const id = await create({ steps: [step(`${targets.url}/`), looking], timeout_ms: 9000 });
    const failed = await run(id);
    expect(failed).toMatchObject({ passed: false, steps_passed: 1, steps_total: 2 });
    if (hasBrowser) expect(failed.artifacts.length).toBeGreaterThan(0);
    await rest.ask(`PATCH /api/tests/${id}`, { steps: [] });
    await run(id);
    await run(id);
    expect(await rest.ask(`GET /api/tests/${id}/uptime`)).toMatchObject({
      uptime_pct: 66.6,
      total_runs: 3,
      passed_runs: 2,
      failed_runs: 1,
      window_hours: 24,
    });
    expect(await rest.ask(`GET /api/tests/${id}/uptime?hours=1`)).toMatchObject({ uptime_pct: 66.6, window_hours: 1 });
    const { incidents, total } = await rest.ask<{ incidents: { error: string }[]; total: number }>(`GET /api/tests/${id}/incidents`);
    expect(total).toBe(1);
    expect(incidents[0]).toMatchObject({ run_id: failed.run_id, test_id: id, details: '1 of 2 steps passed.', alert_sent: false });
    expect(incidents[0]?.error).toMatch(/^Step 2 failed: .*XYZNONEXISTENT/);
  });

  it('Test 5: sums all tests up, and names the latest runs', async () => {
    const before = await rest.ask<Record<string, number>>('GET /api/dashboard');
    const [good, bad] = [await create(), await create({ url: `${targets.url}/nothing-here` })];
    await create();
    await run(good);
    await run(bad);
    const after = await rest.ask<Record<string, number> & { recent_runs: { test_id: string; last_run_at: string }[] }>(
      'GET /api/dashboard',
    );
    const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    expect(['total_tests', 'active_tests', 'paused_tests', 'passing', 'failing', 'pending'].map(grown)).toEqual([3, 0, 3, 1, 1, 1]);
    expect(after.recent_runs.slice(0, 2).map((entry) => entry.test_id)).toEqual([bad, good]);
    const times = after.recent_runs.map((entry) => entry.last_run_at);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('Test 6: streams a run while it goes on', async () => {
    const id = await create({ url: `${targets.url}/held` });
    await using live = await LiveReader.open(`${rest.url}/api/tests/${id}/live`);
    expect(live.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await rest.ask(`POST /api/tests/${id}/run`);
    const begun = await live.until(({ data }) => data['type'] === 'step_start');
    expect(begun.map(({ data }) => data['type'])).toEqual(PER_RUN.slice(0, 4));
    // The page has not answered yet: what came, came while it ran.
    await waitUntil(() => expect(targets.held).toBe(1));
    targets.release();
    const ended = await live.until(({ data }) => data['type'] === 'run_complete');
    expect(ended.map(({ data }) => data)).toMatchObject([{ type: 'step_complete', step_number: 1, passed: true }, { passed: true }]);
    for (const frame of [...begun, ...ended]) expect(frame.id).toBe(frame.data['id']);
  });

  it('documents all six endpoints at /docs', async () => {
    const page = await fetch(`${rest.url}/docs`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('swagger-ui-bundle.js')]);
    const { paths } = await rest.ask<{ paths: Record<string, object> }>('GET /openapi.json');
    for (const path of [...SIX, '/api/dashboard']) expect(paths[path]).toHaveProperty('get.responses.200');
  });

  it('brings a client that was cut every event once after kill -9 of the server, and one gap when its place is trimmed', async () => {
    const id = await create();
    const url = `${rest.url}/api/tests/${id}/live`;
    let last: Frame | undefined;
    {
      await using live = await LiveReader.open(url);
      await run(id);
      last = (await live.until(({ data }) => data['type'] === 'step_complete')).at(-1);
    }
    const [server] = under.servers;
    await server?.process.kill();
    await server?.process.start();
    // The agent finds its server again by itself.
    for (let count = 0; count < 10; count += 1) await run(id);
    await using again = await LiveReader.open(url, { 'last-event-id': last?.id ?? '' });
    const missed: Frame[] = [];
    for (let runs = 0; runs < 11; runs += 1) missed.push(...(await again.until(({ data }) => data['type'] === 'run_complete')));
    expect(missed.map(({ data }) => data['type'])).toEqual(['run_complete', ...Array.from({ length: 10 }, () => PER_RUN).flat()]);
    expect(new Set(missed.map((frame) => frame.id)).size).toBe(61);
    await under.query('update stream set floor = position - 5 where name = $1', [`monitor:${id}`]);
    await using trimmed = await LiveReader.open(url, { 'last-event-id': last?.id ?? '' });
    expect(await trimmed.next()).toMatchObject({ event: 'gap' });
    await run(id);
    const after = await trimmed.until(({ data }) => data['type'] === 'run_complete' && data['id'] !== missed.at(-1)?.data['id']);
    expect(after.filter((frame) => frame.event === 'gap')).toHaveLength(0);
  });

  it('counts the tries of a run as one run', async () => {
    const id = await create({ url: `${targets.url}/nothing-here`, retries: 2 });
    expect(await run(id)).toMatchObject({ passed: false, attempts: 3 });
    expect(await rest.ask(`GET /api/tests/${id}/uptime`)).toMatchObject({ total_runs: 1, failed_runs: 1 });
    expect(await rest.ask(`GET /api/tests/${id}/outages`)).toMatchObject({ items: [{ failed_runs: 1 }] });
  });
});
