import { createEgress } from '@tidemark/egress';
import { INSIDE_HOSTS, oddTargets, openCanary } from '@tidemark/egress/testing';
import { createHandlerExecutors, type Executor } from '@tidemark/sdk/agent';
import { startJob } from '@tidemark/sdk/testing';
import { expect, test } from 'vitest';
import { createIngestHandler } from './ingest/run-ingest.ts';
import { createMonitorExecutor } from './monitor/run-monitor.ts';

const CLOSED = { allow: [], allow_loopback: false };
const RUN = { run_id: 'run_1', test_id: 'tst_1', name: 'inside', timeout_ms: 10_000 };

const monitor = createMonitorExecutor({ chromium: null, containment: { program: null, hidden: [], mark: 'outbound' } });
const reach = { hidden: [], openEgress: () => Promise.resolve(createEgress({ policy: CLOSED })) };
const [ingest] = createHandlerExecutors({ ingest: createIngestHandler(reach) });

async function errorOf(executor: Executor | undefined, payload: object): Promise<string> {
  if (executor === undefined) throw new Error('no executor');
  const outcome = await startJob(executor, payload).outcome;
  if (outcome.op === 'fail') return outcome.error;
  const result = JSON.parse(outcome.output ?? '{}') as { passed?: boolean; error?: string };
  return result.passed === false ? (result.error ?? '') : `it went through: ${outcome.output}`;
}

const REFUSED =
  /administrator can allow it|is not a|not a URL|only http and https|user name or password|no such name|does not resolve|not an address|must be|does not exist on this worker/;

test('no http or tcp step and no ingest reaches inside, however the target is spelled', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const urls = [...INSIDE_HOSTS.map((host) => `http://${host}:${port}/rows.csv`), ...oddTargets(port)];
  for (const url of urls) {
    const steps = [{ type: 'http', method: 'GET', url, headers: {}, assert: [], capture: [] }];
    expect(await errorOf(monitor, { ...RUN, steps, egress: CLOSED }), url).toMatch(REFUSED);
    expect(await errorOf(ingest, { source: url, format: 'csv' }), url).toMatch(REFUSED);
  }
  for (const host of INSIDE_HOSTS) {
    const bare = host.replace(/^\[|\]$/g, '');
    for (const type of ['tcp', 'ping'])
      expect(await errorOf(monitor, { ...RUN, steps: [{ type, host: bare, port, assert: [] }], egress: CLOSED }), host).toMatch(REFUSED);
    const dns = { type: 'dns', host: 'example.org', record: 'A', server: `${host}:${port}`, assert: [] };
    expect(await errorOf(monitor, { ...RUN, steps: [dns], egress: CLOSED }), host).toMatch(REFUSED);
  }
  expect(canary.connection_count).toBe(0);
});

test('a job cannot bring a policy of its own to ingest', async () => {
  await using canary = await openCanary();
  const source = `http://127.0.0.1:${canary.port}/rows.csv`;
  expect(await errorOf(ingest, { source, egress: { allow: ['127.0.0.1'] } })).toContain('egress');
  expect(canary.connection_count).toBe(0);
});
