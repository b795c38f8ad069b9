import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor, pauseMonitor } from '../monitors/index.ts';
import { createMaintenance, listMaintenance } from '../maintenance/index.ts';
import { CreateMaintenanceInput } from '../maintenance/contract.ts';
import { excludeSpan, listSpans, pruneRuns, recordFinished, revokeSpan } from '../runs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { recordedRun } from '../testing/history-store-contract.ts';
import { engines } from '../testing/index.ts';
import { explainUptime, getMonitorSeries, getSlo, getUptime } from './index.ts';

const MINUTE = 60_000;

describe.each(engines())('figures of a monitor on %s', (engine) => {
  let test: TestCore;
  let id: string;
  let start: number;

  const iso = (ms: number): string => new Date(ms).toISOString();

  beforeAll(async () => {
    test = await createTestCore(engine);
    const input = { name: 'Shop', url: 'https://example.com', interval_seconds: 60, status: 'paused', slo_target_pct: 99 };
    ({ id } = await createMonitor(test.core, CreateMonitorInput.parse(input)));
    await sql`delete from excluded_span`.execute(test.core.database.db);
    start = Math.floor(Date.now() / MINUTE) * MINUTE - 100 * MINUTE;
    // A hundred minutes, of which twenty in the middle failed.
    const runs = Array.from({ length: 100 }, (_, index) =>
      recordedRun(id, { at: start + index * MINUTE, passed: index < 40 || index >= 60, duration_ms: index + 1 }),
    );
    await test.core.database.db.transaction().execute((tx) => recordFinished(test.core, tx, runs));
  });
  afterAll(() => test.close());

  const uptime = () => getUptime(test.core, { test_id: id, hours: 24, from: iso(start), to: iso(start + 100 * MINUTE) });

  it('are the same by runs and by time for a steady pace, and explain themselves', async () => {
    expect(await uptime()).toMatchObject({
      uptime_pct: 80,
      total_runs: 100,
      failed_runs: 20,
      coverage_pct: 100,
      time_weighted: { uptime_pct: 80, down_ms: 20 * MINUTE },
    });
    const explained = await explainUptime(test.core, { test_id: id, hours: 24 });
    expect(explained.failed_runs).toHaveLength(20);
    expect(explained.segments.map((segment) => segment.state)).toEqual(['up', 'down', 'up']);
  });

  it('leave a stretch out that a person excludes, and take it back when that is revoked', async () => {
    const before = await uptime();
    const span = await excludeSpan(
      test.core,
      { test_id: id, from: iso(start + 30 * MINUTE), to: iso(start + 60 * MINUTE), reason: 'The prober was offline' },
      'key_anna',
    );
    const other = await excludeSpan(
      test.core,
      { test_id: id, from: iso(start + 30 * MINUTE), to: iso(start + 35 * MINUTE), reason: 'Again' },
      'key_anna',
    );
    const excluded = {
      uptime_pct: 100,
      total_runs: 70,
      excluded_runs: 30,
      time_weighted: { uptime_pct: 100, excluded_ms: 30 * MINUTE, down_ms: 0 },
    };
    expect(await uptime()).toMatchObject(excluded);
    expect(await listSpans(test.core, { test_id: id })).toMatchObject({
      items: [{}, { id: span.id, reason: 'The prober was offline', created_by: 'key_anna', revoked_at: null }],
    });
    await revokeSpan(test.core, { test_id: id, id: span.id }, 'key_bert');
    expect(await uptime()).toMatchObject({ total_runs: 95, excluded_runs: 5 });
    await revokeSpan(test.core, { test_id: id, id: other.id }, 'key_bert');
    expect(await uptime()).toEqual(before);
    const future = excludeSpan(test.core, { test_id: id, from: iso(start), to: iso(Date.now() + MINUTE), reason: 'x' }, 'key_anna');
    await expect(future).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'to' }] });
  });

  it('leave planned maintenance out of the time', async () => {
    const input = { name: 'Restart', test_ids: [id], starts_at: iso(start + 40 * MINUTE), ends_at: iso(start + 60 * MINUTE) };
    await createMaintenance(test.core, CreateMaintenanceInput.parse(input));
    expect((await uptime()).time_weighted).toMatchObject({ uptime_pct: 100, maintenance_ms: 20 * MINUTE });
    expect((await listMaintenance(test.core, { test_id: id })).items).toMatchObject([{ name: 'Restart', is_active: false, next_at: null }]);
    await sql`delete from maintenance`.execute(test.core.database.db);
  });

  it('come as buckets with percentiles', async () => {
    const { points } = await getMonitorSeries(test.core, { test_id: id, bucket: 'hour' });
    expect(points).toHaveLength(168);
    expect(points.reduce((sum, point) => sum + point.total_runs, 0)).toBe(100);
    const { points: days } = await getMonitorSeries(test.core, { test_id: id, bucket: 'day', from: iso(start - 86_400_000) });
    const largest = Math.max(...days.map((point) => point.p99_ms ?? 0));
    expect(largest).toBeGreaterThan(95);
    expect(largest).toBeLessThan(105);
  });

  it('give the error budget and how fast it burns', async () => {
    const slo = await getSlo(test.core, { test_id: id });
    expect(slo).toMatchObject({ target_pct: 99, window_hours: 720 });
    expect(slo.remaining_ms).toBe(slo.budget_ms - 20 * MINUTE);
    expect(slo.burn_rate_3d).toBeCloseTo(20, 6);
  });

  it('leave paused time out of coverage', async () => {
    await sql`update monitor set status = 'active'`.execute(test.core.database.db);
    await pauseMonitor(test.core, { test_id: id });
    await sql`update excluded_span set from_at = ${iso(start)}, to_at = ${iso(start + 50 * MINUTE)}`.execute(test.core.database.db);
    expect((await uptime()).time_weighted).toMatchObject({ paused_ms: 50 * MINUTE, down_ms: 10 * MINUTE });
    await sql`delete from excluded_span`.execute(test.core.database.db);
  });

  it('stay exact over days when the runs are gone', async () => {
    const day = (date: number): number => Math.floor(date / 86_400_000) * 86_400_000;
    const old = day(Date.now()) - 40 * 86_400_000;
    const runs = Array.from({ length: 10 }, (_, index) => recordedRun(id, { at: old + index * MINUTE, passed: index !== 0 }));
    await test.core.database.db.transaction().execute((tx) => recordFinished(test.core, tx, runs));
    const whole = { test_id: id, hours: 24, from: iso(old), to: iso(old + 86_400_000) };
    const before = await getUptime(test.core, whole);
    expect(before).toMatchObject({ total_runs: 10, passed_runs: 9, uptime_pct: 90 });
    expect(await pruneRuns(test.core)).toBeGreaterThanOrEqual(9);
    expect((await test.core.runs.listRuns(id, { limit: 100, offset: 0 })).total).toBe(101);
    expect(await getUptime(test.core, whole)).toEqual(before);
  });
});
