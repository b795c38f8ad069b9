import { createServer } from 'node:http';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engines } from '@tidemark/core/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { startWorker } from '../../../worker/src/start-worker.ts';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const VALUE = 'hunter2-correct/horse+battery "staple" é';

/** The forms in which a leak could hide. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const inner = Buffer.from(`user:${value}`).toString('base64').slice(8, -4);
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString('base64').slice(0, -4),
    bytes.toString('hex'),
    inner,
  ];
}

/** Every row of every table as text; the sealed values are among them. */
async function everythingStored(server: TestServer): Promise<string> {
  const { reader } = server.running.core.database;
  const ask = <Row>(text: string): Promise<Row[]> => reader.run<Row>({ name: `scan ${text.slice(-50)}`, text }, []);
  const tables = await ask<{ name: string }>(
    "select table_name::text as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  expect(tables.length).toBeGreaterThan(20);
  const texts = tables.map(async ({ name }) => {
    const rows = await ask<{ line: string }>(`select to_jsonb(t)::text as line from "${name}" t`);
    return rows.map(({ line }) => `${name} ${line}`).join('\n');
  });
  return (await Promise.all(texts)).join('\n');
}

async function filesBelow(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1').catch(() => ''));
  return (await Promise.all(files)).join('\n');
}

async function finished(server: TestServer, id: string): Promise<string> {
  await expect
    .poll(async () => ((await server.get(`/v1/workloads/${id}`)).json as { status: string }).status, { timeout: 60_000 })
    .toMatch(/completed|failed/);
  return (await server.get(`/v1/workloads/${id}`)).text;
}

describe.each(engines())('a secret on %s', (engine) => {
  it('reaches the work that refers to it and is in no table, answer, log or file', async () => {
    await using stack = new AsyncDisposableStack();
    const logged: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
    const server = stack.use(await startTestServer(engine, { log: log.child({ of: 'server' }) }));
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-secrets-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const seen: string[] = [];
    const site = createServer((request, response) => {
      seen.push(String(request.headers.authorization));
      response.end(JSON.stringify({ echo: request.headers.authorization }));
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    stack.defer(() => void site.close());
    const set = await server.send('PUT /v1/secrets/TOKEN', { value: VALUE });
    expect(set).toMatchObject({ status: 200, json: { name: 'TOKEN' } });
    const worker = await startWorker({ url: server.url, name: 'secrets', stateDir: join(folder, 'state'), sandbox: 'off', log });
    stack.defer(() => worker.stop(0));

    const script = `
      const value = process.env.A;
      const write = (text) => new Promise((resolve) => process.stdout.write(text, resolve));
      (async () => {
        for (const letter of value + '\\n') await write(letter);
        console.log(JSON.stringify({ value }), encodeURIComponent(value), Buffer.from(value).toString('base64'), Buffer.from('user:' + value).toString('base64'));
        console.error(Buffer.from(value).toString('hex'));
        console.log('length', value.length);
        process.exit(3);
      })();`;
    const payload = { command: ['node', '-e', script], env: { A: '{{secret.TOKEN}}' } };
    const made = (await server.send('POST /v1/workloads', { kind: 'command', payload })).json as { id: string };
    const command = await finished(server, made.id);
    expect(command).toContain(`length ${VALUE.length}`);
    expect(command).toContain('[secret]');
    expect(command).toContain('{{secret.TOKEN}}');

    const step = {
      type: 'http',
      method: 'GET',
      url: `http://127.0.0.1:${(site.address() as AddressInfo).port}/`,
      headers: { authorization: 'Bearer {{secret.TOKEN}}' },
    };
    const assert = [{ source: 'body', op: 'contains', value: 'what is not there' }];
    const monitor = (
      await server.send('POST /api/tests', { name: 'with a token', url: step.url, steps: [{ ...step, assert }], interval_seconds: 3600 })
    ).json as {
      id: string;
    };
    const run = await server.send(`POST /api/tests/${monitor.id}/run?wait=true`, {});
    expect(run.status).toBe(200);
    expect(seen[0]).toBe(`Bearer ${VALUE}`);

    const line = (await server.send('POST /v1/workloads', { kind: 'command', payload: { command: 'echo {{secret.TOKEN}}' } })).json as {
      id: string;
    };
    expect(await finished(server, line.id)).toContain('belongs into env or stdin');
    const unknown = { kind: 'command', payload: { command: 'true', env: { A: '{{secret.NOBODY}}' } } };
    expect(await finished(server, ((await server.send('POST /v1/workloads', unknown)).json as { id: string }).id)).toContain('NOBODY');

    await expect
      .poll(async () => ((await server.get(`/v1/audit?action=secrets.reveal&target=${made.id}`)).json as { items: object[] }).items, {
        timeout: 60_000,
      })
      .toMatchObject([{ outcome: 'done', item_count: 1, details: { names: [null, ['TOKEN']] } }]);
    expect(logged.join('')).toContain('"of":"server"');

    const paths = [
      '/v1/audit',
      '/v1/secrets',
      `/v1/workloads/${made.id}`,
      '/v1/workloads',
      '/v1/events',
      `/api/tests/${monitor.id}/results`,
      `/api/tests/${monitor.id}`,
      '/v1/export',
    ];
    const answers = await Promise.all(paths.map(async (path) => (await server.get(path)).text));
    const everything = [await everythingStored(server), ...answers, run.text, command, logged.join(''), await filesBelow(folder)].join(
      '\n',
    );
    expect(everything).toContain('[secret]');
    for (const form of formsOf(VALUE)) expect(everything.includes(form), form).toBe(false);
  });
});

describe('secrets over REST', () => {
  it('are written by administrators, listed without values, and never by a query', async () => {
    await using server = await startTestServer('pglite', { config: { admin_key: 'bootstrap-admin-key-0123456789' } });
    const key = { authorization: 'Bearer bootstrap-admin-key-0123456789' };
    const made = await server.send('POST /v1/keys', { name: 'operator', role: 'operator' }, key);
    const operator = { authorization: `Bearer ${(made.json as { key: string }).key}` };
    expect((await server.send('PUT /v1/secrets/A', { value: VALUE }, operator)).status).toBe(403);
    expect((await server.send('PUT /v1/secrets/A', { value: VALUE }, key)).text).not.toContain('hunter2');
    expect((await server.send('PUT /v1/secrets/a', { value: VALUE }, key)).status).toBe(400);
    const short = await server.send('PUT /v1/secrets/A', { value: 'short' }, key);
    expect(short).toMatchObject({ status: 400, json: { issues: [{ path: 'value' }] } });
    expect((await server.get('/v1/secrets', operator)).json).toMatchObject({ items: [{ name: 'A' }] });
    expect((await server.get('/v1/secrets', operator)).text).not.toContain('sealed');
    expect((await server.send('POST /v1/jobs/wl_none/secrets', { lease_epoch: 1 }, operator)).status).toBe(403);
    expect((await server.send('POST /v1/secrets/rotate', {}, key)).json).toMatchObject({ resealed: 0 });
    expect((await server.send('DELETE /v1/secrets/A', undefined, key)).status).toBe(200);
  });
});
