import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { foldFailures, setFailure } from '../failures/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { ListCausesInput, ListWorkloadsInput } from './contract.ts';
import { listCauses, listWorkloads } from './index.ts';

describe.each(engines())('causes of failed workloads on %s', (engine) => {
  let test: TestCore;
  let worker = '';

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await resetCore(test);
    worker = await test.worker({ kinds: ['command', 'report'] });
  });
  afterAll(() => test.close());

  async function fail(error: string, kind = 'command'): Promise<string> {
    const { id } = await test.submit({ kind });
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'fail', job_id: job.job_id, lease_epoch: job.lease_epoch, error, retryable: false, reason: 'error' });
    return id;
  }
  const causes = (fields: object = {}) => listCauses(test.core, ListCausesInput.parse(fields));
  const listed = async (fields: object): Promise<string[]> =>
    (await listWorkloads(test.core, ListWorkloadsInput.parse({ status: 'failed', ...fields }))).items.map(({ id }) => id);

  it('are counted once each, and lead to the list of exactly what they count', async () => {
    await fail('connect ECONNREFUSED 10.0.3.11:6379');
    await fail('connect ECONNREFUSED 10.0.3.19:6379\n    at somewhere');
    const last = await fail('connect ECONNREFUSED 10.0.3.17:6379');
    await fail('connect ECONNREFUSED 10.0.3.17:6379', 'report');
    await fail('');
    const { items, ...counted } = await causes();
    expect(counted).toEqual({ total: 3, open: 3, failed: 5, is_whole: true });
    expect(items[0]).toMatchObject({
      kind: 'command',
      message: 'connect ECONNREFUSED <ip>',
      sample: 'connect ECONNREFUSED 10.0.3.17:6379',
      count: 3,
      last_ref: last,
      status: 'open',
    });
    for (const { kind, message, count } of items) expect(await listed({ kind, cause: message }), message).toHaveLength(count);
    expect(await listed({ cause: 'connect ECONNREFUSED <ip>' })).toHaveLength(4);
    expect(await listed({ cause: 'connect ECONNREFUSED' })).toEqual([]);
    expect((await causes({ created_to: '2026-01-01T00:00:00Z' })).items).toEqual([]);
  });

  it('that were resolved or are ignored are told as that', async () => {
    await fail('disk 7 is full');
    await fail('out of memory');
    await foldFailures(test.core);
    const first = (await causes()).items.find(({ message }) => message === 'disk <n> is full');
    await setFailure(test.core, { id: first?.id ?? '', status: 'ignored' });
    const { items, open, total } = await causes();
    expect({ open, total }).toEqual({ open: 1, total: 2 });
    expect(items.find(({ id }) => id === first?.id)?.status).toBe('ignored');
  });
});
