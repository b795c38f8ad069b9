import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDrift } from '../stats/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { listWorkloads, retryWorkload } from '../workloads/index.ts';
import { getOperation, listOperationItems, previewBulk, runOperations, startOperation, stopOperation } from './index.ts';

describe.each(engines())('bulk actions on %s', (engine) => {
  let test: TestCore;

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  afterAll(() => test.close());

  it('previews, cancels what matches in the background, and leaves what came later alone', async () => {
    for (let index = 0; index < 120; index += 1) await test.submit({ queue: 'bulk' });
    await test.submit({ queue: 'kept' });
    expect(await previewBulk(test.core, { action: 'cancel', filter: { queue: 'bulk' } })).toEqual({
      count: 120,
      by_status: { pending: 120 },
    });
    const started = await startOperation(test.core, { action: 'cancel', filter: { queue: 'bulk' } });
    expect(started).toMatchObject({ status: 'running', total: 120, succeeded: 0 });
    const later = await test.submit({ queue: 'bulk' });
    await runOperations(test.core);
    expect(await getOperation(test.core, started)).toMatchObject({ status: 'completed', succeeded: 120, refused: 0 });
    expect((await listOperationItems(test.core, { id: started.id, limit: 1000 })).items).toHaveLength(120);
    const { rows } = await sql<{
      status: string;
      count: number;
    }>`select status, count(*)::int as count from workload group by status order by status`.execute(test.core.database.db);
    expect(rows).toEqual([
      { status: 'cancelled', count: 120 },
      { status: 'pending', count: 2 },
    ]);
    expect(later.status).toBe('pending');
    expect(await checkDrift(test.core)).toEqual([]);
  });

  it('retries what was cancelled and counts a refusal per item', async () => {
    const started = await startOperation(test.core, { action: 'retry', filter: { queue: 'bulk', status: 'cancelled' } });
    await runOperations(test.core);
    expect(await getOperation(test.core, started)).toMatchObject({ status: 'completed', succeeded: 120 });
  });

  it('is taken back by an action on exactly what it was carried out on', async () => {
    const [moved] = [await test.submit({ queue: 'taken' }), await test.submit({ queue: 'taken' })];
    const cancelled = await startOperation(test.core, { action: 'cancel', filter: { queue: 'taken' } });
    await runOperations(test.core);
    await retryWorkload(test.core, { id: moved.id, keep_checkpoint: true });
    const by = { operation_id: cancelled.id };
    expect((await listWorkloads(test.core, { ...by, limit: 10 })).items).toHaveLength(2);
    const back = await startOperation(test.core, { action: 'retry', filter: { ...by, status: 'cancelled' } });
    await runOperations(test.core);
    expect(await getOperation(test.core, back)).toMatchObject({ status: 'completed', total: 1, succeeded: 1 });
    expect((await listWorkloads(test.core, { ...by, status: 'pending', limit: 10 })).items).toHaveLength(2);
    expect((await listWorkloads(test.core, { operation_id: 'op_none', limit: 10 })).items).toEqual([]);
  });

  it('does nothing where the action cannot apply, and stays stopped when stopped', async () => {
    expect(await startOperation(test.core, { action: 'retry', filter: { status: 'completed' } })).toMatchObject({
      status: 'completed',
      total: 0,
    });
    const started = await startOperation(test.core, { action: 'cancel', filter: { queue: 'bulk' } });
    expect(await stopOperation(test.core, started)).toMatchObject({ status: 'stopped' });
    await runOperations(test.core);
    expect(await getOperation(test.core, started)).toMatchObject({ status: 'stopped', succeeded: 0 });
  });
});
