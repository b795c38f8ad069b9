import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CreateMonitorInput, ListMonitorsInput, TryMonitorInput } from '../monitors/contract.ts';
import { createMonitor, deleteMonitor, listMonitors, listOpenRuns, pauseMonitor, runMonitor, tryMonitor } from '../monitors/index.ts';
import { recordFinished } from '../runs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { recordedRun } from '../testing/history-store-contract.ts';
import { engines } from '../testing/index.ts';
import { MonitorAgent, resultOf } from '../testing/monitor-agent.ts';
import { GlanceInput, TimelineInput } from './contract.ts';
import { getTimeline, getUptime, glanceMonitors } from './index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe.each(engines())('monitors at a glance on %s', (engine) => {
  let test: TestCore;
  let start: number;

  const iso = (ms: number): string => new Date(ms).toISOString();
  const create = (input: Partial<CreateMonitorInput>) =>
    createMonitor(test.core, CreateMonitorInput.parse({ name: 'Shop', url: 'https://example.com', interval_seconds: 300, ...input }));
  /** A run every five minutes of the last ten hours; those of the given hours failed. */
  const record = async (id: string, isDown: (hour: number) => boolean): Promise<void> => {
    const runs = Array.from({ length: 120 }, (_, index) =>
      recordedRun(id, { at: start + index * 5 * MINUTE, passed: !isDown(Math.floor(index / 12)), duration_ms: 100 + index }),
    );
    await test.core.database.db.transaction().execute((tx) => recordFinished(test.core, tx, runs));
  };

  beforeAll(async () => {
    test = await createTestCore(engine);
    start = Math.floor(test.core.now() / (5 * MINUTE)) * 5 * MINUTE - 10 * HOUR;
    await record((await create({ id: 'fine', name: 'B fine' })).id, (hour) => hour === 4);
    await record((await create({ id: 'broken', name: 'Z broken', tags: ['shop'] })).id, (hour) => hour >= 8);
    await create({ id: 'fresh', name: 'A fresh' });
    await create({ id: 'off', name: 'A off', status: 'paused' });
  });
  afterAll(() => test.close());

  const list = (input: object) => listMonitors(test.core, ListMonitorsInput.parse({ order: 'urgent', ...input }));

  it('lists what needs attention first, counts every state, and pages without losing or repeating one', async () => {
    const all = await list({});
    expect(all.items.map((monitor) => monitor.id)).toEqual(['broken', 'fresh', 'fine', 'off']);
    expect(all).toMatchObject({ total: 4, by_state: { down: 1, unknown: 1, up: 1, paused: 1, maintenance: 0 } });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 1, cursor });
      seen.push(...page.items.map((monitor) => monitor.id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(all.items.map((monitor) => monitor.id));
    await expect(list({ cursor: 'bm9wZQ' })).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('filters by state and still counts the others', async () => {
    expect(await list({ state: ['down', 'paused'] })).toMatchObject({
      total: 2,
      items: [{ id: 'broken' }, { id: 'off' }],
      by_state: { up: 1 },
    });
    expect(await list({ tag: 'shop' })).toMatchObject({ total: 1, by_state: { down: 1, up: 0 } });
    expect((await list({ ids: ['fine', 'nobody'] })).items.map((monitor) => monitor.id)).toEqual(['fine']);
  });

  it('shows figures and cells of many monitors that agree with those of each', async () => {
    const glance = await glanceMonitors(test.core, GlanceInput.parse({ test_ids: ['fine', 'broken', 'fresh', 'nobody'] }));
    const of = (id: string) => glance.items.find((item) => item.test_id === id);
    for (const id of ['fine', 'broken']) {
      const { total_runs, passed_runs, uptime_pct } = await getUptime(test.core, { test_id: id, hours: 24 });
      expect(of(id)).toMatchObject({ total_runs, passed_runs, uptime_pct });
      expect(of(id)?.cells.reduce((sum, cell) => sum + cell.failed_runs, 0)).toBe(total_runs - passed_runs);
    }
    expect(of('fine')?.cells).toHaveLength(45);
    expect(of('fine')?.p95_ms).toBeGreaterThan(190);
    expect(of('fresh')).toMatchObject({ total_runs: 0, uptime_pct: null, p95_ms: null });
    expect(glance.items).toHaveLength(3);
  });

  it('cuts the states into cells whose sums are those of the whole', async () => {
    const window = { test_id: 'broken', from: iso(start), to: iso(start + 10 * HOUR) };
    const timeline = await getTimeline(test.core, TimelineInput.parse({ ...window, cells: 10 }));
    expect(timeline.cells.map((cell) => cell.uptime_pct)).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 0, 0]);
    expect(timeline.cells.map((cell) => cell.outages)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    const { time_weighted: time } = await getUptime(test.core, { hours: 24, ...window });
    expect(timeline.cells.reduce((sum, cell) => sum + cell.down_ms, 0)).toBe(time.down_ms);
    expect(timeline.cells.reduce((sum, cell) => sum + cell.up_ms, 0)).toBe(time.up_ms);
  });

  it('says since when the present state holds', async () => {
    const since = async (id: string) => (await getTimeline(test.core, TimelineInput.parse({ test_id: id }))).state_since;
    expect(await since('broken')).toBe(iso(start + 8 * HOUR));
    expect(await since('fine')).toBe(iso(start + 5 * HOUR));
    expect(await since('fresh')).toBeNull();
    const before = test.core.now();
    await pauseMonitor(test.core, { test_id: 'fine' });
    expect(Date.parse((await since('fine')) ?? '')).toBeGreaterThanOrEqual(before - MINUTE);
  });

  it('has a cell per calendar day of a zone, of 23 or 25 hours where the clocks change', async () => {
    const days = async (from: string, to: string): Promise<number[]> => {
      const input = TimelineInput.parse({ test_id: 'fine', from, to, timezone: 'Europe/Berlin' });
      return (await getTimeline(test.core, input)).cells.map((cell) => (Date.parse(cell.to) - Date.parse(cell.from)) / HOUR);
    };
    expect(await days('2026-03-28T12:00:00.000Z', '2026-03-30T22:00:00.000Z')).toEqual([24, 23, 24]);
    expect(await days('2025-10-25T12:00:00.000Z', '2025-10-27T11:00:00.000Z')).toEqual([24, 25, 12]);
  });

  it('runs a draft once, keeps no monitor of it, and tells which runs are under way', async () => {
    const agent = await MonitorAgent.open(test);
    const trial = tryMonitor(test.core, TryMonitorInput.parse({ url: 'https://example.com/draft' }), AbortSignal.timeout(60_000));
    const job = await vi.waitFor(() => agent.take(), { timeout: 60_000 });
    expect(job.payload).toMatchObject({ url: 'https://example.com/draft' });
    await agent.complete(job, resultOf({ duration_ms: 42 }));
    expect(await trial).toMatchObject({ passed: true, duration_ms: 42 });
    expect((await list({})).total).toBe(4);
    const { run_id, workload_id } = await runMonitor(test.core, { test_id: 'off' });
    expect((await listOpenRuns(test.core, { test_id: 'off' })).items).toMatchObject([{ run_id, workload_id, triggered_by: 'manual' }]);
    await deleteMonitor(test.core, { test_id: 'off' });
    await expect(listOpenRuns(test.core, { test_id: 'off' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
