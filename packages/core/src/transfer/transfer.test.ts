import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { createMonitor, listMonitors } from '../monitors/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { forgetMonitors } from '../testing/monitor-agent.ts';
import { exportMonitors, importMonitors } from './index.ts';

const KUMA = {
  version: '1.23.0',
  monitorList: [
    {
      id: 1,
      name: 'Home',
      type: 'http',
      url: 'https://example.com',
      method: 'GET',
      interval: 60,
      maxretries: 2,
      timeout: 48,
      active: 1,
      accepted_statuscodes: ['200-299'],
      tags: [{ name: 'shop front' }],
    },
    {
      id: 2,
      name: 'Word',
      type: 'keyword',
      url: 'https://example.com/a',
      keyword: 'Welcome',
      interval: 20,
      active: false,
      accepted_statuscodes: ['200-299', '404'],
    },
    { id: 3, name: 'Database', type: 'port', hostname: 'db.example.com', port: 5432, interval: 60 },
    { id: 4, name: 'Backup', type: 'push', interval: 3600 },
    { id: 5, name: 'Ping', type: 'ping', hostname: 'example.com' },
    { id: 6, name: 'Broken', type: 'http', url: 'ftp://example.com' },
  ],
};

const GATUS = `
endpoints:
  - name: website
    group: core
    url: https://example.org/health
    interval: 1m30s
    conditions:
      - "[STATUS] == 200"
      - "[BODY].status == UP"
      - "[RESPONSE_TIME] < 300"
      - "[CERTIFICATE_EXPIRATION] > 48h"
      - "[BODY] == pat(*welcome*)"
  - name: redis
    url: tcp://127.0.0.1:6379
    conditions: ["[CONNECTED] == true"]
  - name: exotic
    url: https://example.org
    conditions: ["[DOMAIN_EXPIRATION] > 720h"]
`;

describe.each(engines())('import and export on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(() => forgetMonitors(test));
  afterAll(() => test.close());

  const all = async () => (await listMonitors(test.core, { limit: 100, order: 'newest' })).items;

  it('applies an export without a change', async () => {
    const steps = [{ type: 'http', url: 'https://example.com/{{path}}', assert: [{ source: 'status', op: 'eq', value: 200 }] }];
    await createMonitor(
      test.core,
      CreateMonitorInput.parse({ name: 'A: "quoted"', url: 'https://example.com', steps, tags: ['x'], public: true }),
    );
    await createMonitor(
      test.core,
      CreateMonitorInput.parse({ name: 'B', type: 'heartbeat', cron: '0 3 * * *', timezone: 'Europe/Berlin', status: 'paused' }),
    );
    const before = await all();
    const { content } = await exportMonitors(test.core);
    expect(await importMonitors(test.core, { format: 'tidemark', content, dry_run: false })).toEqual({
      created: 0,
      updated: 0,
      unchanged: 2,
      skipped: [],
      is_dry_run: false,
    });
    expect(await all()).toEqual(before);
    const changed = content.replace('timezone: Europe/Berlin', 'timezone: Europe/Paris');
    expect(await importMonitors(test.core, { format: 'tidemark', content: changed, dry_run: true })).toMatchObject({
      updated: 1,
      unchanged: 1,
    });
    expect(await all()).toEqual(before);
    expect(await importMonitors(test.core, { format: 'tidemark', content: changed, dry_run: false })).toMatchObject({ updated: 1 });
    await forgetMonitors(test);
    expect(await importMonitors(test.core, { format: 'tidemark', content: changed, dry_run: false })).toMatchObject({
      created: 2,
      skipped: [],
    });
    expect((await exportMonitors(test.core)).content).toBe(changed);
  });

  it('takes the monitors of a Kuma backup over and names what it leaves', async () => {
    const input = { format: 'uptime-kuma' as const, content: JSON.stringify(KUMA) };
    expect(await importMonitors(test.core, { ...input, dry_run: true })).toMatchObject({ created: 4, is_dry_run: true });
    expect(await all()).toHaveLength(0);
    const answer = await importMonitors(test.core, { ...input, dry_run: false });
    expect(answer).toMatchObject({ created: 4, updated: 0, skipped: [{ name: 'Ping' }, { name: 'Broken' }] });
    const monitors = Object.fromEntries((await all()).map((monitor) => [monitor.name, monitor]));
    expect(monitors['Home']).toMatchObject({
      retries: 2,
      timeout_ms: 48_000,
      tags: ['shop-front'],
      steps: [
        {
          assert: [
            { op: 'gte', value: 200 },
            { op: 'lte', value: 299 },
          ],
        },
      ],
    });
    expect(monitors['Word']).toMatchObject({
      status: 'paused',
      steps: [{ assert: [{ source: 'body', op: 'contains', value: 'Welcome' }] }],
    });
    expect(monitors['Database']).toMatchObject({ steps: [{ type: 'tcp', host: 'db.example.com', port: 5432 }] });
    expect(monitors['Backup']).toMatchObject({ type: 'heartbeat', interval_seconds: 3600 });
    expect(await importMonitors(test.core, { ...input, dry_run: false })).toMatchObject({ created: 0, updated: 0, unchanged: 4 });
  });

  it('takes the endpoints of a Gatus configuration over', async () => {
    const answer = await importMonitors(test.core, { format: 'gatus', content: GATUS, dry_run: false });
    expect(answer).toMatchObject({
      created: 2,
      skipped: [{ name: 'exotic', reason: 'conditions without a counterpart: [DOMAIN_EXPIRATION] > 720h' }],
    });
    const monitors = Object.fromEntries((await all()).map((monitor) => [monitor.name, monitor]));
    expect(monitors['core / website']).toMatchObject({
      interval_seconds: 90,
      steps: [
        {
          assert: [
            { source: 'status', op: 'eq', value: 200 },
            { source: 'json', path: '$.status', op: 'eq', value: 'UP' },
            { source: 'latency_ms', op: 'lt', value: 300 },
            { source: 'tls_days_left', op: 'gt', value: 2 },
            { source: 'body', op: 'contains', value: 'welcome' },
          ],
        },
      ],
    });
    expect(monitors['redis']).toMatchObject({ steps: [{ type: 'tcp', host: '127.0.0.1', port: 6379 }] });
  });

  it.each([
    ['tidemark', 'a: ['],
    ['tidemark', 'nothing: here'],
    ['gatus', '42'],
    ['uptime-kuma', '{'],
    ['uptime-kuma', '{}'],
  ] as const)('refuses a %s file that is none: %s', async (format, content) => {
    await expect(importMonitors(test.core, { format, content, dry_run: false })).rejects.toMatchObject({
      code: 'VALIDATION',
      issues: [{ path: 'content' }],
    });
  });
});
