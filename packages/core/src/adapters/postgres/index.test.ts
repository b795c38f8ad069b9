import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseHandle } from '../../ports/database.ts';
import { describeDatabase } from '../../testing/database-suite.ts';
import {
  createTestDatabase,
  engines,
  freePort,
  startPostgres,
  waitUntil,
  type TestDatabase,
  type TestServer,
} from '../../testing/index.ts';
import { openPostgres } from './index.ts';

const NOW = { name: 'now', text: 'select pg_backend_pid() as pid' };

function heard(handle: DatabaseHandle): string[][] {
  const calls: string[][] = [];
  handle.wake.subscribe((topics) => calls.push([...topics]));
  return calls;
}

describe.runIf(engines().includes('postgres'))('postgres', () => {
  describeDatabase('postgres');

  describe('several servers on one database', () => {
    let database: TestDatabase;
    let other: DatabaseHandle;

    beforeAll(async () => {
      database = await createTestDatabase('postgres');
      other = await openPostgres({ url: database.url ?? '' });
    });
    afterAll(async () => {
      await other.close();
      await database.close();
    });

    it('gives every living writer its own slot, and a freed one to the next', async () => {
      const slots = [...database.handle.writers, ...other.writers].map((writer) => writer.slot);
      expect(slots.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
      const third = await openPostgres({ url: database.url ?? '', writerSlots: 1 });
      expect(third.writers[0]?.slot).toBe(4);
      await third.close();
      // The server notices an ended session a moment after the client has gone.
      await waitUntil(async () => {
        const next = await openPostgres({ url: database.url ?? '', writerSlots: 1 });
        const slot = next.writers[0]?.slot;
        await next.close();
        expect(slot).toBe(4);
      });
    });

    it('carries a wake-up to the other server, and none of its own back', async () => {
      const here = heard(database.handle);
      const there = heard(other);
      database.handle.wake.publish(['run.1']);
      await waitUntil(() => expect(there).toEqual([['run.1']]));
      // An answer over the same path: once it is here, an echo of the first would have been too.
      other.wake.publish(['run.2']);
      await waitUntil(() => expect(here).toEqual([['run.1'], ['run.2']]));
    });

    it('widens a wake-up that names more topics than a notification can carry', async () => {
      const there = heard(other);
      database.handle.wake.publish(Array.from({ length: 500 }, (_, index) => `workload.${index}.with-a-long-name`));
      await waitUntil(() => expect(there).toEqual([['*']]));
    });

    it('limits the time of a statement, of readers and writers', async () => {
      const text = `select current_setting('statement_timeout') as timeout, current_setting('TimeZone') as zone`;
      expect(await database.handle.writers[0]?.run({ name: 'settings', text }, [])).toEqual([{ timeout: '30s', zone: 'UTC' }]);
      expect((await sql.raw(text).execute(database.handle.db)).rows).toEqual([{ timeout: '30s', zone: 'UTC' }]);
    });

    it('replaces a writer connection that the server ended, on the next call', async () => {
      const [writer] = database.handle.writers;
      const [before] = (await writer?.run<{ pid: number }>(NOW, [])) ?? [];
      const running = writer?.run({ name: 'sleep', text: 'select pg_sleep(60)' }, []);
      const outcome = expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await waitUntil(async () => {
        const { rows } = await sql<{ ended: boolean }>`
          select pg_terminate_backend(pid) as ended from pg_stat_activity where pid = ${before?.pid} and query like '%pg_sleep%'`.execute(
          other.db,
        );
        expect(rows).toEqual([{ ended: true }]);
      });
      await outcome;
      const [after] = (await writer?.run<{ pid: number }>(NOW, [])) ?? [];
      expect(after?.pid).not.toBe(before?.pid);
    });
  });

  describe('a server of its own', () => {
    let server: TestServer;
    let handle: DatabaseHandle;

    beforeAll(async () => {
      server = await startPostgres();
      handle = await openPostgres({ url: server.url });
    });
    afterAll(async () => {
      await handle.close();
      await server.stop();
    });

    it('answers again after a restart: readers, writers with their slots, and wake-ups', async () => {
      const slots = handle.writers.map((writer) => writer.slot);
      const calls = heard(handle);
      await server.restart();
      await waitUntil(() => handle.ping(1000));
      for (const writer of handle.writers) await waitUntil(async () => expect(await writer.run(NOW, [])).toHaveLength(1));
      expect(handle.writers.map((writer) => writer.slot)).toEqual(slots);
      await waitUntil(() => expect(calls).toContainEqual(['*']));
    });

    it('answers UNAVAILABLE while the server is down, and works once it is back', async () => {
      await server.kill();
      const [writer] = handle.writers;
      await expect(writer?.run(NOW, [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(sql`select 1`.execute(handle.db)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(handle.ping(2000)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await server.restart();
      await waitUntil(async () => expect(await writer?.run(NOW, [])).toHaveLength(1));
    });

    it('knows whether a power cut may lose a commit', async () => {
      expect(handle.capabilities.is_power_loss_safe).toBe(true);
      const fast = await startPostgres({ isDurable: false });
      const other = await openPostgres({ url: fast.url });
      expect(other.capabilities.is_power_loss_safe).toBe(false);
      await other.close();
      await fast.stop();
    });
  });

  it('names DATABASE_URL when it is no URL', async () => {
    await expect(openPostgres({ url: 'host=db dbname=tidemark' })).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('keeps the session options that the URL brings', async () => {
    const database = await createTestDatabase('postgres');
    const handle = await openPostgres({ url: `${database.url}?options=-c%20work_mem%3D7MB` });
    const { rows } = await sql`select current_setting('work_mem') as mem, current_setting('TimeZone') as zone`.execute(handle.db);
    expect(rows).toEqual([{ mem: '7MB', zone: 'UTC' }]);
    await handle.close();
    await database.close();
  });

  it('is UNAVAILABLE when nobody listens at the address', async () => {
    const opening = openPostgres({ url: `postgresql://postgres@127.0.0.1:${await freePort()}/postgres` });
    await expect(opening).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
