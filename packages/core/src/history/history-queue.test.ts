import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../adapters/postgres/index.ts';
import { createCore } from '../engine/index.ts';
import type { Core } from '../engine/index.ts';
import { claimJobs, report } from '../jobs/index.ts';
import type { Logger } from '../ports/index.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines, waitUntil } from '../testing/index.ts';
import { ListHistoryInput } from './contract.ts';
import { HistoryQueue, listHistory } from './index.ts';

/** As the queue sets it for its own writes. */
const LOCK_TIMEOUT_MS = 2000;

const ENTRY = {
  worker_id: 'wk_1',
  job_id: 'wl_1',
  event: 'checkpoint' as const,
  keys_scanned: 1,
  duration_ms: 1,
  started_at: null,
  accepted_at: '2026-01-31T12:00:00.000Z',
};

interface Logged {
  readonly message: string;
  readonly rows: unknown;
}

function loggerOf(lines: Logged[]): Logger {
  const note = (data: object, message: string): void => void lines.push({ message, rows: 'rows' in data ? data.rows : null });
  return { info: () => undefined, warn: () => undefined, error: note };
}

describe('the queue of history rows', () => {
  it('writes what waits in batches and in order', async () => {
    const batches: string[][] = [];
    const queue = new HistoryQueue({
      write: ({ entries }) => Promise.resolve(void batches.push(entries.map((entry) => entry.job_id))),
      log: loggerOf([]),
      now: Date.now,
    });
    const ids = Array.from({ length: 1200 }, (_, index) => `wl_${index}`);
    for (const job_id of ids) queue.record({ ...ENTRY, job_id });
    expect(queue.figures.history_pending).toBe(1200);
    await queue.flush();
    expect(batches.flat()).toEqual(ids);
    expect(batches.length).toBeLessThan(10);
    expect(queue.figures).toEqual({ history_written_total: 1200, history_failed_total: 0, history_pending: 0 });
  });

  it('tries a batch twice with the same id', async () => {
    const tries: string[] = [];
    const queue = new HistoryQueue({
      write: ({ id }) => {
        tries.push(id);
        return tries.length === 1 ? Promise.reject(new Error('once')) : Promise.resolve();
      },
      log: loggerOf([]),
      now: Date.now,
    });
    queue.record(ENTRY);
    await queue.flush();
    expect(tries).toHaveLength(2);
    expect(new Set(tries).size).toBe(1);
    expect(queue.figures).toMatchObject({ history_written_total: 1, history_failed_total: 0 });
  });

  it('drops the oldest rows beyond its bound, counts them, and logs once instead of per row', async () => {
    const lines: Logged[] = [];
    const written: string[] = [];
    const gate = Promise.withResolvers<void>();
    const queue = new HistoryQueue({
      write: async ({ entries }) => {
        await gate.promise;
        written.push(...entries.map((entry) => entry.job_id));
      },
      log: loggerOf(lines),
      now: Date.now,
      maxPending: 10,
    });
    for (let index = 0; index < 30; index += 1) queue.record({ ...ENTRY, job_id: `wl_${index}` });
    gate.resolve();
    await queue.flush();
    expect(written).toEqual(Array.from({ length: 10 }, (_, index) => `wl_${index + 20}`));
    expect(queue.figures).toEqual({ history_written_total: 10, history_failed_total: 20, history_pending: 0 });
    expect(lines).toHaveLength(1);
  });

  it('writes what waits before it closes, and counts what comes after', async () => {
    let count = 0;
    const queue = new HistoryQueue({
      write: ({ entries }) => Promise.resolve(void (count += entries.length)),
      log: loggerOf([]),
      now: Date.now,
    });
    queue.record(ENTRY);
    await queue.close();
    queue.record(ENTRY);
    await queue.close();
    expect(count).toBe(1);
    expect(queue.figures).toEqual({ history_written_total: 1, history_failed_total: 1, history_pending: 0 });
  });
});

describe.each(engines())('stopping on %s', (engine) => {
  it('flushes the rows of reports accepted right before', async () => {
    const test = await createTestCore(engine);
    const worker = await test.worker();
    await test.submit();
    const job = await test.claimOne(worker);
    await test.report(worker, { op: 'checkpoint', job_id: job.job_id, lease_epoch: 1, keys_scanned: 5, duration_ms: 10 });
    await test.core.stop();
    expect((await listHistory(test.core, ListHistoryInput.parse({}))).items).toHaveLength(1);
    await test.close();
  });
});

describe.runIf(engines().includes('postgres'))('history whose table fails on postgres', () => {
  let handle: Awaited<ReturnType<typeof openPostgres>>;
  let core: Core;
  let other: pg.Client;
  let test: TestCore;
  const lines: Logged[] = [];

  beforeAll(async () => {
    test = await createTestCore('postgres');
    const url = test.database.url ?? '';
    handle = await openPostgres({ url });
    core = await createCore({ database: handle, log: loggerOf(lines) });
    other = new pg.Client({ connectionString: url });
    await other.connect();
  });
  beforeEach(() => lines.splice(0));
  afterAll(async () => {
    await core.stop();
    await handle.close();
    await other.end();
    await test.close();
  });

  /** Milliseconds of each of many checkpoints; every one must be accepted. */
  async function checkpoints(worker: string, job: { job_id: string; lease_epoch: number }): Promise<number[]> {
    const took: number[] = [];
    for (let index = 0; index < 100; index += 1) {
      const began = performance.now();
      const item = { op: 'checkpoint' as const, ...job, keys_scanned: 1, duration_ms: 1, cursor: index };
      const { results } = await report(core, { worker_id: worker, items: [item] });
      took.push(performance.now() - began);
      expect(results).toMatchObject([{ ok: true }]);
    }
    return took.sort((left, right) => left - right);
  }

  it('leaves reports at their usual latency while it is locked and after it is gone, and counts what is lost', async () => {
    const worker = await test.worker();
    await test.submit();
    const { jobs } = await claimJobs(core, { worker_id: worker, max: 1, wait_ms: 10_000 });
    const job = { job_id: jobs[0]?.job_id ?? '', lease_epoch: jobs[0]?.lease_epoch ?? 0 };
    await checkpoints(worker, job);
    const usual = await checkpoints(worker, job);
    await core.history.flush();
    expect(core.figures()).toMatchObject({ history_written_total: 200, history_failed_total: 0 });

    await other.query('begin');
    await other.query('lock table worker_history_pack in access exclusive mode');
    const locked = await checkpoints(worker, job);
    expect(core.figures().history_pending).toBeGreaterThan(0);
    await waitUntil(() => expect(core.figures().history_failed_total).toBeGreaterThan(0));
    await other.query('rollback');
    await core.history.flush();
    const { history_written_total: written, history_failed_total: failed } = core.figures();
    expect(written + failed).toBe(300);
    expect(lines.map((line) => line.message)).toContain('worker history could not be written; the reports themselves are safe');

    await other.query('alter table worker_history_pack rename to worker_history_gone');
    const gone = await checkpoints(worker, job);
    await core.history.flush();
    expect(core.figures()).toMatchObject({ history_failed_total: failed + 100, history_pending: 0 });
    await other.query('alter table worker_history_gone rename to worker_history_pack');
    await checkpoints(worker, job);
    await core.history.flush();
    expect(core.figures()).toMatchObject({ history_written_total: written + 100, history_failed_total: failed + 100 });

    await other.query('drop table worker_history_pack cascade');
    await checkpoints(worker, job);
    await core.history.flush();
    expect(core.figures()).toMatchObject({ history_failed_total: failed + 200 });

    // A report that waited for the table would take the seconds of its lock time-out, whatever else the machine does meanwhile.
    const median = (took: number[]): number => took[took.length / 2] ?? 0;
    expect(median(locked)).toBeLessThan(median(usual) * 5 + LOCK_TIMEOUT_MS / 4);
    expect(median(gone)).toBeLessThan(median(usual) * 5 + LOCK_TIMEOUT_MS / 4);
  });
});
