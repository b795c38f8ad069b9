import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../cursors.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { resetCore } from '../testing/reset-core.ts';
import { ListWorkloadsInput } from './contract.ts';
import { cancelWorkload, createWorkloads, listWorkloads } from './index.ts';
import { CreateWorkloadInput } from './contract.ts';

describe.each(engines())('listing workloads on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(() => resetCore(test));
  afterAll(() => test.close());

  const list = (filter: Partial<ListWorkloadsInput> = {}) => listWorkloads(test.core, ListWorkloadsInput.parse(filter));
  const idsOf = async (filter: Partial<ListWorkloadsInput>): Promise<string[]> => (await list(filter)).items.map((item) => item.id);

  it('finds by status, isolation, kind, queue, worker and label, alone and together', async () => {
    const worker = await test.worker();
    const done = await test.submit({ labels: { team: 'a', env: 'x' } });
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'complete', job_id: job.job_id, lease_epoch: 1 });
    const running = await test.submit({ labels: { team: 'b' } });
    await test.claimOne(worker);
    const script = await test.submit({ kind: 'script', queue: 'other' });
    const gone = await test.submit({ isolation: 'gvisor' });
    await cancelWorkload(test.core, gone);
    expect(await idsOf({})).toEqual([gone.id, script.id, running.id, done.id]);
    expect(await idsOf({ status: 'completed' })).toEqual([done.id]);
    expect(await idsOf({ status: ['running', 'cancelled'] })).toEqual([gone.id, running.id]);
    expect(await idsOf({ status: [] })).toHaveLength(4);
    expect(await idsOf({ isolation: 'gvisor' })).toEqual([gone.id]);
    expect(await idsOf({ kind: 'script' })).toEqual([script.id]);
    expect(await idsOf({ queue: 'other' })).toEqual([script.id]);
    expect(await idsOf({ kind: 'nobody-knows' })).toEqual([]);
    expect(await idsOf({ worker_id: worker })).toEqual([running.id, done.id]);
    expect(await idsOf({ label: 'team' })).toEqual([running.id, done.id]);
    expect(await idsOf({ label: 'team=a' })).toEqual([done.id]);
    expect(await idsOf({ label: 'team=c' })).toEqual([]);
    expect(await idsOf({ worker_id: worker, status: 'running', kind: 'command', label: 'team' })).toEqual([running.id]);
  });

  it('finds by time of creation, the lower bound included and the upper not', async () => {
    const [first, second] = [await test.submit(), await test.submit()];
    const { db } = test.core.database;
    await db.updateTable('workload').set({ created_at: '2026-03-01T00:00:00.500Z' }).where('id', '=', first.id).execute();
    const day = { created_from: '2026-03-01T00:00:00.500Z', created_to: '2026-03-01T00:00:00.501Z' };
    const before = { created_to: '2026-03-01T00:00:00.500Z' };
    // Ids carry the time of creation and narrow the search; a row dated by hand is out of their range.
    expect(await idsOf(before)).toEqual([]);
    const exact = { created_from: second.created_at, created_to: new Date(Date.parse(second.created_at) + 1).toISOString() };
    expect(await idsOf(exact)).toContain(second.id);
    expect(await idsOf({ created_to: second.created_at })).not.toContain(second.id);
    expect(await idsOf(day)).toEqual([]);
  });

  it('finds by part of the id or of the error, taking wildcards as they are', async () => {
    const worker = await test.worker();
    const failed = await test.submit();
    await test.submit();
    const job = (await test.claim(worker, 2)).find((claimed) => claimed.job_id === failed.id);
    await test.report(worker, {
      op: 'fail',
      job_id: failed.id,
      lease_epoch: job?.lease_epoch ?? 0,
      error: 'Disk 100% full_\\',
      retryable: false,
      reason: 'error',
    });
    for (const q of [failed.id, failed.id.slice(5), failed.id.toUpperCase(), 'disk', '100% f', 'full_\\'])
      expect(await idsOf({ q })).toEqual([failed.id]);
    for (const q of ['1_0', 'd%k', '_____________________________________________']) expect(await idsOf({ q })).toEqual([]);
  });

  it('finds a text in ids and in errors, page by page and within the other filters', async () => {
    const worker = await test.worker();
    const [named, other, told] = [await test.submit(), await test.submit(), await test.submit()];
    const part = named.id.slice(8);
    const { lease_epoch } = (await test.claim(worker, 3)).find((claimed) => claimed.job_id === told.id) ?? { lease_epoch: 0 };
    const error = `${part} is in the way`;
    await test.report(worker, { op: 'fail', job_id: told.id, lease_epoch, error, retryable: false, reason: 'error' });
    expect(await idsOf({ q: part })).toEqual([told.id, named.id]);
    expect(await idsOf({ q: part, status: 'failed' })).toEqual([told.id]);
    expect(await idsOf({ q: part, status: 'running' })).toEqual([named.id]);
    const first = await list({ q: part, limit: 1 });
    expect(first.items.map((item) => item.id)).toEqual([told.id]);
    expect(await idsOf({ q: part, limit: 1, cursor: first.next_cursor ?? '' })).toEqual([named.id]);
    expect(await idsOf({ q: 'wl_' })).toEqual([told.id, other.id, named.id]);
  });

  it('pages through everything once while rows are added', async () => {
    const batch = { items: Array.from({ length: 60 }, () => CreateWorkloadInput.parse({ kind: 'command' })) };
    const before = (await createWorkloads(test.core, batch)).items.map((item) => item.id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(7);
      seen.push(...page.items.map((item) => item.id));
      cursor = page.next_cursor ?? undefined;
      await test.submit();
    } while (cursor !== undefined);
    expect(seen).toEqual(before.toReversed());
  });

  it('ends with a null cursor on a page that is exactly full', async () => {
    await createWorkloads(test.core, { items: Array.from({ length: 5 }, () => CreateWorkloadInput.parse({ kind: 'command' })) });
    expect((await list({ limit: 5 })).next_cursor).toBeNull();
    expect((await list({ limit: 4 })).next_cursor).not.toBeNull();
  });

  it('refuses a cursor of another list, and one that is none', async () => {
    for (const cursor of [encodeCursor('workers', 'wk_1'), Buffer.from('workloads:').toString('base64url'), 'abc']) {
      await expect(list({ cursor })).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'cursor' }] });
    }
  });
});
