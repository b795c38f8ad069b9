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
    { id: 5, name: 'Game', type: 'steam', hostname: 'example.com' },
    { id: 6, name: 'Broken', type: 'http', url: 'ftp://example.com' },
  ],
};

/** What every monitor of a backup of version 1.23 carries, whatever its type. */
const KUMA_COMMON = {
  description: null,
  parent: null,
  url: 'https://',
  method: 'GET',
  hostname: null,
  port: null,
  maxretries: 1,
  weight: 2000,
  active: true,
  forceInactive: false,
  timeout: 48,
  interval: 60,
  retryInterval: 60,
  resendInterval: 0,
  keyword: null,
  invertKeyword: false,
  expiryNotification: false,
  ignoreTls: false,
  upsideDown: false,
  packetSize: 56,
  maxredirects: 10,
  accepted_statuscodes: ['200-299'],
  dns_resolve_type: 'A',
  dns_resolve_server: '1.1.1.1',
  notificationIDList: { 1: true },
  tags: [{ tag_id: 1, monitor_id: 1, value: 'eu', name: 'prod', color: '#059669' }],
  maintenance: false,
  httpBodyEncoding: 'json',
  jsonPath: null,
  expectedValue: null,
  headers: null,
  body: null,
  basic_auth_user: null,
  basic_auth_pass: null,
  authMethod: null,
  includeSensitiveData: true,
};
const KUMA_FULL = {
  version: '1.23.16',
  notificationList: [{ id: 1, name: 'Ops', active: true, userId: 1, isDefault: true, config: '{"type":"slack"}' }],
  monitorList: [
    { ...KUMA_COMMON, id: 1, name: 'Shops', pathName: 'Shops', type: 'group', childrenIDs: [2] },
    {
      ...KUMA_COMMON,
      id: 2,
      name: 'API',
      pathName: 'Shops / API',
      parent: 1,
      type: 'http',
      url: 'https://api.example.com/orders',
      method: 'POST',
      body: '{"dry":true}',
      headers: '{"X-Trace":"1"}',
      authMethod: 'basic',
      basic_auth_user: 'ops',
      basic_auth_pass: 'secret',
      maxredirects: 0,
      accepted_statuscodes: ['200-299', '401', '403'],
    },
    { ...KUMA_COMMON, id: 3, name: 'Gateway', pathName: 'Gateway', type: 'ping', hostname: 'gw.example.com' },
    { ...KUMA_COMMON, id: 4, name: 'Name', pathName: 'Name', type: 'dns', hostname: 'example.com', port: 53, dns_resolve_type: 'MX' },
    {
      ...KUMA_COMMON,
      id: 5,
      name: 'Health',
      pathName: 'Health',
      type: 'json-query',
      url: 'https://api.example.com/health',
      jsonPath: '$.queue.depth',
      jsonPathOperator: '<',
      expectedValue: '100',
    },
    { ...KUMA_COMMON, id: 6, name: 'Page', pathName: 'Page', type: 'real-browser', url: 'https://example.com' },
    { ...KUMA_COMMON, id: 7, name: 'Old', pathName: 'Old', type: 'http', url: 'https://old.example.com', ignoreTls: true },
    { ...KUMA_COMMON, id: 8, name: 'Closed', pathName: 'Closed', type: 'port', hostname: 'example.com', port: 23, upsideDown: true },
  ],
};

const GATUS_FULL = `
alerting:
  slack:
    webhook-url: "https://hooks.example.com/services/x"
default-endpoint: &defaults
  group: core
  interval: 5m
  client:
    timeout: 10s
  alerts:
    - type: slack
      failure-threshold: 5
      success-threshold: 3
    - type: email
      enabled: false
      failure-threshold: 1
endpoints:
  - name: front-end
    <<: *defaults
    url: "https://twin.example.org/health"
    headers:
      Authorization: Bearer x
    conditions:
      - "[STATUS] == any(200, 429)"
      - "[RESPONSE_TIME] < 150"
  - name: example-dns-query
    url: "8.8.8.8"
    interval: 5m
    dns:
      query-name: "example.com"
      query-type: "A"
    conditions:
      - "[BODY] == 93.184.216.34"
      - "[DNS_RCODE] == NOERROR"
  - name: icmp-ping
    url: "icmp://example.org"
    interval: 1m
    conditions:
      - "[CONNECTED] == true"
  - name: list
    url: https://example.org/list
    conditions: ["len([BODY].data) < 5"]
  - name: self-signed
    url: https://inside.example.org
    client:
      insecure: true
    conditions: ["[STATUS] == pat(2*)"]
`;

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
    const answer = await exportMonitors(test.core);
    expect(answer.content).toBe(changed);
    // The answer as it was saved, whole.
    expect(await importMonitors(test.core, { format: 'tidemark', content: JSON.stringify(answer), dry_run: true })).toMatchObject({
      unchanged: 2,
    });
  });

  it.each([
    ['tidemark', 'monitors: [5, null]'],
    ['gatus', 'endpoints: [5, null]'],
    ['uptime-kuma', '{"monitorList": [5, null]}'],
  ] as const)('names the entries of a list of %s that are no monitors', async (format, content) => {
    expect(await importMonitors(test.core, { format, content, dry_run: false })).toMatchObject({
      created: 0,
      skipped: [
        { name: 'entry 1', reason: 'is not a monitor' },
        { name: 'entry 2', reason: 'is not a monitor' },
      ],
    });
  });

  it('takes the monitors of a Kuma backup over and names what it leaves', async () => {
    const input = { format: 'uptime-kuma' as const, content: JSON.stringify(KUMA) };
    expect(await importMonitors(test.core, { ...input, dry_run: true })).toMatchObject({ created: 4, is_dry_run: true });
    expect(await all()).toHaveLength(0);
    const answer = await importMonitors(test.core, { ...input, dry_run: false });
    expect(answer).toMatchObject({ created: 4, updated: 0, skipped: [{ name: 'Game' }, { name: 'Broken' }] });
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
      steps: [
        {
          assert: [
            { source: 'status', op: 'matches', value: '^(?:2\\d\\d|404)$' },
            { source: 'body', op: 'contains', value: 'Welcome' },
          ],
        },
      ],
    });
    expect(monitors['Database']).toMatchObject({ steps: [{ type: 'tcp', host: 'db.example.com', port: 5432 }] });
    expect(monitors['Backup']).toMatchObject({ type: 'heartbeat', interval_seconds: 3600 });
    expect(await importMonitors(test.core, { ...input, dry_run: false })).toMatchObject({ created: 0, updated: 0, unchanged: 4 });
  });

  it('understands a whole backup as version 1.23 of Kuma writes it', async () => {
    const content = JSON.stringify(KUMA_FULL);
    const answer = await importMonitors(test.core, { format: 'uptime-kuma', content, dry_run: false });
    expect(answer).toMatchObject({
      created: 5,
      skipped: [
        { name: 'Shops', reason: expect.stringContaining('"group"') as unknown },
        { name: 'Old', reason: expect.stringContaining('TLS') as unknown },
        { name: 'Closed', reason: expect.stringContaining('upside down') as unknown },
      ],
    });
    const monitors = Object.fromEntries((await all()).map((monitor) => [monitor.name, monitor]));
    expect(monitors['Shops / API']?.steps).toMatchObject([
      {
        method: 'POST',
        follow_redirects: false,
        headers: { authorization: 'Basic b3BzOnNlY3JldA==', 'content-type': 'application/json', 'X-Trace': '1' },
        assert: [{ source: 'status', op: 'matches', value: '^(?:2\\d\\d|401|403)$' }],
      },
    ]);
    expect(monitors['Gateway']?.steps).toEqual([{ type: 'ping', host: 'gw.example.com', port: 443, assert: [] }]);
    expect(monitors['Name']?.steps).toMatchObject([{ type: 'dns', record: 'MX', server: '1.1.1.1' }]);
    expect(monitors['Health']?.steps).toMatchObject([
      { assert: [{}, {}, { source: 'json', path: '$.queue.depth', op: 'lt', value: 100 }] },
    ]);
    expect(monitors['Page']?.steps).toMatchObject([{ type: 'browser', actions: [{ do: 'goto', url: 'https://example.com' }] }]);
    expect(await importMonitors(test.core, { format: 'uptime-kuma', content, dry_run: false })).toMatchObject({ created: 0, unchanged: 5 });
  });

  it('understands shared settings, name servers, pings and thresholds of Gatus', async () => {
    const answer = await importMonitors(test.core, { format: 'gatus', content: GATUS_FULL, dry_run: false });
    expect(answer).toMatchObject({
      created: 3,
      skipped: [{ name: 'list' }, { name: 'self-signed', reason: expect.stringContaining('TLS') as unknown }],
    });
    const monitors = Object.fromEntries((await all()).map((monitor) => [monitor.name, monitor]));
    expect(monitors['core / front-end']).toMatchObject({
      interval_seconds: 300,
      timeout_ms: 10_000,
      alert: { confirm_failures: 5, recover_passes: 3 },
      steps: [
        {
          assert: [
            { source: 'status', op: 'matches', value: '^(?:200|429)$' },
            { source: 'latency_ms', op: 'lt', value: 150 },
          ],
        },
      ],
    });
    expect(monitors['example-dns-query']?.steps).toEqual([
      {
        type: 'dns',
        host: 'example.com',
        record: 'A',
        server: '8.8.8.8',
        assert: [{ source: 'record', op: 'contains', value: '93.184.216.34' }],
      },
    ]);
    expect(monitors['icmp-ping']?.steps).toMatchObject([{ type: 'ping', host: 'example.org' }]);
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
