import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AlertPolicy, CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor, getMonitor, runMonitor } from '../monitors/index.ts';
import { excludeSpan, listResults, recordRuns } from '../runs/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { forgetMonitors, MonitorAgent, resultOf } from '../testing/monitor-agent.ts';
import { BackTestInput } from './contract.ts';
import { backTest, listOutages } from './index.ts';

describe.each(engines())('a back-test on %s', (engine) => {
  let test: TestCore;
  let agent: MonitorAgent;

  beforeAll(async () => {
    test = await createTestCore(engine);
    agent = await MonitorAgent.open(test);
  });
  beforeEach(() => forgetMonitors(test));
  afterAll(() => test.close());

  /** A monitor with these runs, one after the other: `.` passed, `x` failed. */
  const recorded = async (runs: string, alert: object = {}): Promise<string> => {
    const input = { name: 'Shop', url: 'https://example.com', status: 'paused', alert };
    const { id } = await createMonitor(test.core, CreateMonitorInput.parse(input));
    for (const outcome of runs) {
      await runMonitor(test.core, { test_id: id });
      await agent.complete(await agent.take(), resultOf({ passed: outcome === '.' }));
      await recordRuns(test.core);
    }
    return id;
  };
  const tried = (testId: string, alert: object) => backTest(test.core, BackTestInput.parse({ test_id: testId, alert }));

  it.each([
    ['confirm 1', { confirm_failures: 1 }, 4],
    ['confirm 3', { confirm_failures: 3 }, 1],
    ['2 of the last 4', { confirm_failures: 2, confirm_of: 4 }, 2],
    ['recover after 2', { confirm_failures: 1, recover_passes: 2 }, 2],
  ])('says how many notices %s had sent, from what was recorded', async (_name, alert, alerts) => {
    const id = await recorded('.x.x.x..xxx.');
    const before = await getMonitor(test.core, { test_id: id });
    const answer = await tried(id, alert);
    expect(answer).toMatchObject({ runs: 12, proposed: { alerts }, current: { alerts: 4 } });
    expect(answer.proposed.outages).toHaveLength(alerts);
    expect(await getMonitor(test.core, { test_id: id })).toEqual(before);
  });

  it('sees under the saved policy the outages that there were', async () => {
    const id = await recorded('..xx.xx', { confirm_failures: 2 });
    const { current } = await tried(id, { confirm_failures: 1 });
    const { items } = await listOutages(test.core, { test_id: id, limit: 10 });
    const seen = items.map(({ opened_at, resolved_at, failed_runs }) => ({ opened_at, resolved_at, failed_runs })).toReversed();
    expect(current.outages.map(({ opened_at, resolved_at, failed_runs }) => ({ opened_at, resolved_at, failed_runs }))).toEqual(seen);
    expect(seen).toMatchObject([{ failed_runs: 2 }, { failed_runs: 2, resolved_at: null }]);
  });

  it('leaves out what was excluded', async () => {
    const id = await recorded('.xx.');
    const { results } = await listResults(test.core, { test_id: id, limit: 4, offset: 0 });
    const [last, , , first] = results.map((run) => run.started_at);
    await excludeSpan(test.core, { test_id: id, from: first ?? '', to: last ?? '', reason: 'a bad probe' }, 'usr_1');
    expect(await tried(id, AlertPolicy.parse({}))).toMatchObject({ runs: 1, proposed: { alerts: 0 } });
  });
});
