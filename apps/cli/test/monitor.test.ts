import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Stack } from './command.ts';

test('a monitor is created, run, listed, explained and exported from the command line', { timeout: 240_000 }, async () => {
  let status = 200;
  const site = createServer((_request, response) => response.writeHead(status).end('ok'));
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  try {
    await using stack = await Stack.start([]);
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    const created = await stack.run(['monitor', 'create', 'Shop', url, '--paused', '--tag', 'shop', '--every', '1m']);
    expect(created).toMatchObject({ code: 0 });
    const id = created.stdout.trim();
    const passed = await stack.run(['monitor', 'run', id]);
    expect(passed.stdout).toMatch(/^passed in \S+, 1 of 1 steps\n$/);
    status = 503;
    const failed = await stack.run(['monitor', 'run', id]);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^failed .*503/);
    const results = await stack.run(['monitor', 'results', id, '--failed', '--json']);
    expect(JSON.parse(results.stdout)).toMatchObject({ test_id: id, total: 1, results: [{ passed: false, triggered_by: 'manual' }] });
    expect((await stack.run(['monitor', 'uptime', id])).stdout).toMatch(/^uptime +50\.0 %\nruns +1 of 2 passed/);
    expect((await stack.run(['monitor', 'uptime', id, '--explain'])).stdout).toContain('By runs: 1 of 2 passed');
    expect((await stack.run(['monitor', 'list', '--result', 'failed'])).stdout).toContain(`${id}  Shop`);
    const csv = await stack.run(['export', 'results', id]);
    expect(csv.stdout.split('\r\n').map((line) => line.split(',')[1])).toEqual(['passed', 'false', 'true', undefined]);
    const lines = await stack.run(['export', 'results', id, '--failed', '--format', 'jsonl']);
    expect(JSON.parse(lines.stdout)).toMatchObject({ passed: false, triggered_by: 'manual', step_results: [{ passed: false }] });
    const nobody = await stack.run(['export', 'results', 'tst_none']);
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toContain('tst_none');
    const exported = await stack.run(['export']);
    expect(exported.stdout).toContain(`id: ${id}`);
    const file = join(stack.folder, 'monitors.yaml');
    await writeFile(file, exported.stdout);
    expect(await stack.run(['import', file])).toMatchObject({ code: 0, stdout: '0 created, 0 updated, 1 unchanged, 0 left out\n' });
    expect(await stack.run(['monitor', 'create', 'x', 'ftp://example.com'])).toMatchObject({ code: 2 });
  } finally {
    site.close();
  }
});
