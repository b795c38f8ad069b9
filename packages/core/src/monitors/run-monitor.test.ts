import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listResults, listTiming, listIncidents, watchMonitor, recordRuns } from '../runs/index.ts';
import type { LiveEvent } from '../runs/contract.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { CreateMonitorInput } from './contract.ts';
import { createMonitor, getMonitor, runMonitor, scheduleRuns, pauseMonitor, resumeMonitor, deleteMonitor } from './index.ts';
import { forgetMonitors, MonitorAgent, resultOf } from '../testing/monitor-agent.ts';

describe.each(engines())('running monitors on %s', (engine) => {
  let test: TestCore;
  let agent: MonitorAgent;

  beforeAll(async () => {
    test = await createTestCore(engine);
    agent = await MonitorAgent.open(test);
  });
  beforeEach(() => forgetMonitors(test));
  afterAll(() => test.close());

  const create = (input: Partial<CreateMonitorInput> = {}) =>
    createMonitor(test.core, CreateMonitorInput.parse({ name: 'Login Flow', url: 'https://example.com/login', ...input }));
  const live = async (testId: string, count: number, after: string | null = null): Promise<LiveEvent[]> => {
    const end = new AbortController();
    const events: LiveEvent[] = [];
    for await (const event of await watchMonitor(test.core, { test_id: testId, lastEventId: after }, end.signal)) {
      events.push(event);
      if (events.length === count) end.abort();
    }
    return events;
  };

  it('records a run once, with its steps, when the agent has completed it', async () => {
    const monitor = await create({ status: 'paused' });
    const started = await runMonitor(test.core, { test_id: monitor.id });
    const job = await agent.take();
    expect(job.payload).toMatchObject({
      test_id: monitor.id,
      run_id: started.run_id,
      url: 'https://example.com/login',
      steps: [],
      retries: 0,
    });
    await agent.complete(job, resultOf({ duration_ms: 120 }));
    await Promise.all([recordRuns(test.core), recordRuns(test.core)]);
    await recordRuns(test.core);
    const page = await listResults(test.core, { test_id: monitor.id, limit: 20, offset: 0 });
    expect(page).toMatchObject({
      total: 1,
      limit: 20,
      offset: 0,
      results: [{ run_id: started.run_id, passed: true, duration_ms: 120, triggered_by: 'manual', error: null }],
    });
    expect(page.results[0]?.step_results).toHaveLength(1);
    expect(await getMonitor(test.core, { test_id: monitor.id })).toMatchObject({
      last_result: 'passed',
      last_run_id: started.run_id,
      state: 'paused',
    });
  });

  it('opens one scheduled run per due time, and none while it is open', async () => {
    const monitor = await create({ interval_seconds: 60 });
    await scheduleRuns(test.core);
    const job = await agent.take();
    await sql`update monitor_state set next_run_at = now() - interval '1 hour'`.execute(test.core.database.db);
    await scheduleRuns(test.core);
    expect(await agent.isIdle()).toBe(true);
    await agent.complete(job, resultOf({}));
    await recordRuns(test.core);
    await sql`update monitor_state set next_run_at = now() - interval '1 hour'`.execute(test.core.database.db);
    await scheduleRuns(test.core);
    const { next_run_at: next } = await getMonitor(test.core, { test_id: monitor.id });
    expect(Date.parse(next ?? '') - Date.now()).toBeGreaterThan(-1000);
    await agent.complete(await agent.take(), resultOf({}));
    await recordRuns(test.core);
    expect(await agent.isIdle()).toBe(true);
    expect((await listResults(test.core, { test_id: monitor.id, limit: 20, offset: 0 })).results.map((run) => run.triggered_by)).toEqual([
      'schedule',
      'schedule',
    ]);
  });

  it('spreads monitors that begin together over their interval, each in a phase of its own that it keeps', async () => {
    for (let index = 0; index < 100; index += 1) await create({ interval_seconds: 60 });
    const phases = async (): Promise<number[]> => {
      await scheduleRuns(test.core);
      const { rows } = await sql<{ at: string }>`select next_run_at as at from monitor_state order by test_id`.execute(
        test.core.database.db,
      );
      return rows.map(({ at }) => Date.parse(at) % 60_000);
    };
    const first = await phases();
    // No stretch of ten seconds is empty, and none holds half of them.
    const perStretch = Array.from({ length: 6 }, (_, stretch) => first.filter((at) => Math.floor(at / 10_000) === stretch).length);
    expect(Math.min(...perStretch)).toBeGreaterThan(0);
    expect(Math.max(...perStretch)).toBeLessThan(50);
    await sql`update monitor_state set next_run_at = now() - interval '17 seconds'`.execute(test.core.database.db);
    expect(await phases()).toEqual(first);
  });

  it('starts the run that a server opened and left when it was killed', async () => {
    const monitor = await create({ status: 'paused' });
    await sql`insert into open_run (run_id, test_id, triggered_by, is_scheduled) values ('run_left', ${monitor.id}, 'schedule', true)`.execute(
      test.core.database.db,
    );
    await scheduleRuns(test.core);
    const job = await agent.take();
    expect(job.payload).toMatchObject({ run_id: 'run_left' });
    // Killed again, before it noted which workload it made.
    await sql`update open_run set workload_id = null`.execute(test.core.database.db);
    await scheduleRuns(test.core);
    expect(await agent.isIdle()).toBe(true);
    await agent.complete(job, resultOf({}));
    await recordRuns(test.core);
    expect(await listResults(test.core, { test_id: monitor.id, limit: 20, offset: 0 })).toMatchObject({ total: 1 });
  });

  it('makes a failed run with its reason of a workload that ended without a result', async () => {
    const monitor = await create({ status: 'paused' });
    const answers: [outcome: (job: Awaited<ReturnType<MonitorAgent['take']>>) => Promise<unknown>, error: RegExp][] = [
      [(job) => agent.complete(job, 'not a result'), /not a result/],
      [(job) => agent.fail(job, 'the browser crashed', 'error'), /the browser crashed/],
      [(job) => agent.fail(job, 'too slow', 'timeout'), /longer than/],
    ];
    for (const [end, error] of answers) {
      await runMonitor(test.core, { test_id: monitor.id });
      await end(await agent.take());
      await recordRuns(test.core);
      const { results } = await listResults(test.core, { test_id: monitor.id, limit: 1, offset: 0 });
      expect(results[0]).toMatchObject({ passed: false, steps_passed: 0 });
      expect(results[0]?.error).toMatch(error);
    }
    await runMonitor(test.core, { test_id: monitor.id });
    await sql`update workload set start_deadline_at = now() - interval '1 s', status = 'failed', status_reason = 'expired', finished_at = now()
      where status = 'pending'`.execute(test.core.database.db);
    await recordRuns(test.core);
    const { incidents, total } = await listIncidents(test.core, { test_id: monitor.id, limit: 10, offset: 0 });
    expect(total).toBe(4);
    expect(incidents[0]?.error).toMatch(/No worker took this run/);
  });

  it('makes no run of a cancelled one', async () => {
    const monitor = await create({ status: 'paused' });
    await runMonitor(test.core, { test_id: monitor.id });
    await sql`update workload set status = 'cancelled', status_reason = 'requested', finished_at = now() where status = 'pending'`.execute(
      test.core.database.db,
    );
    await recordRuns(test.core);
    expect((await listResults(test.core, { test_id: monitor.id, limit: 20, offset: 0 })).total).toBe(0);
  });

  it('counts a run whose steps did not all pass as failed, and keeps text that no store could hold', async () => {
    const monitor = await create({ status: 'paused' });
    await runMonitor(test.core, { test_id: monitor.id });
    await agent.complete(await agent.take(), resultOf({ passed: true, steps_passed: 3, steps_total: 4, details: 'a\0b' }));
    await recordRuns(test.core);
    const { results } = await listResults(test.core, { test_id: monitor.id, limit: 1, offset: 0 });
    expect(results[0]).toMatchObject({ passed: false, details: 'a\u{FFFD}b', error: '3 of 4 steps passed.' });
  });

  it('keeps two runs of the same duration in the same millisecond as two points', async () => {
    const monitor = await create({ status: 'paused' });
    for (let index = 0; index < 2; index += 1) {
      await runMonitor(test.core, { test_id: monitor.id });
      await agent.complete(await agent.take(), resultOf({ duration_ms: 500 }));
    }
    await sql`update workload set started_at = timestamptz '2026-02-14 10:00:00+00', finished_at = timestamptz '2026-02-14 10:00:01+00'`.execute(
      test.core.database.db,
    );
    await recordRuns(test.core);
    const { timing, total } = await listTiming(test.core, { test_id: monitor.id, limit: 50, offset: 0 });
    expect(total).toBe(2);
    expect(timing.map(({ timestamp, duration_ms }) => ({ timestamp, duration_ms }))).toEqual([
      { timestamp: '2026-02-14T10:00:00.000Z', duration_ms: 500 },
      { timestamp: '2026-02-14T10:00:00.000Z', duration_ms: 500 },
    ]);
  });

  it('tells step events live, each once, and the end of the run after it is recorded', async () => {
    const monitor = await create({ status: 'paused' });
    const { run_id: runId } = await runMonitor(test.core, { test_id: monitor.id });
    const job = await agent.take();
    await agent.tell(job, 0, { type: 'run_start', message: 'Run started' }, { type: 'plan_complete', message: '1 step' });
    await agent.tell(job, 1, { type: 'step_start', message: 'Step 1', step_number: 1 });
    await agent.tell(job, 1, { type: 'step_start', message: 'Step 1', step_number: 1 });
    await agent.tell(
      job,
      2,
      { type: 'step_complete', message: 'Step 1 passed', step_number: 1, passed: true },
      { type: 'run_complete', message: 'by the agent' },
    );
    await agent.complete(job, resultOf({}));
    await recordRuns(test.core);
    const events = await live(monitor.id, 5);
    expect(events.map((event) => event.type)).toEqual(['run_start', 'plan_complete', 'step_start', 'step_complete', 'run_complete']);
    expect(events[3]).toMatchObject({ step_number: 1, passed: true, run_id: runId, message: 'Step 1 passed' });
    expect(await live(monitor.id, 2, events[2]?.id)).toEqual(events.slice(3));
    expect(events[4]).toMatchObject({ passed: true, run_id: runId });
  });

  it('replays the last 50 events and tells of a gap when the asked one was trimmed away', async () => {
    const monitor = await create({ status: 'paused' });
    await runMonitor(test.core, { test_id: monitor.id });
    const job = await agent.take();
    await agent.tell(job, 0, ...Array.from({ length: 60 }, (_, index) => ({ type: 'log', message: `line ${index}` })));
    const events = await live(monitor.id, 50);
    expect(events.map((event) => event.message)).toEqual(Array.from({ length: 50 }, (_, index) => `line ${index + 10}`));
    await sql`update stream set floor = 30 where name = ${`monitor:${monitor.id}`}`.execute(test.core.database.db);
    expect(await live(monitor.id, 1, events[0]?.id)).toMatchObject([{ type: 'gap' }]);
    await agent.complete(job, resultOf({}));
  });

  it('rests while it is paused, and goes on at once when it is resumed', async () => {
    const monitor = await create();
    expect(await pauseMonitor(test.core, { test_id: monitor.id })).toMatchObject({ status: 'paused', next_run_at: null, state: 'paused' });
    await pauseMonitor(test.core, { test_id: monitor.id });
    await scheduleRuns(test.core);
    expect(await agent.isIdle()).toBe(true);
    expect(await resumeMonitor(test.core, { test_id: monitor.id })).toMatchObject({ status: 'active' });
    await scheduleRuns(test.core);
    await agent.complete(await agent.take(), resultOf({}));
  });

  it('forgets everything of a deleted monitor', async () => {
    const monitor = await create({ status: 'paused' });
    await runMonitor(test.core, { test_id: monitor.id });
    await agent.complete(await agent.take(), resultOf({}));
    await recordRuns(test.core);
    await deleteMonitor(test.core, { test_id: monitor.id });
    await expect(getMonitor(test.core, { test_id: monitor.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(listResults(test.core, { test_id: monitor.id, limit: 20, offset: 0 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { rows } = await sql<{
      left: number;
    }>`select (select count(*) from run) + (select count(*) from run_bucket) + (select count(*) from open_run) as left`.execute(
      test.core.database.db,
    );
    expect(rows[0]?.left).toBe(0);
  });
});
