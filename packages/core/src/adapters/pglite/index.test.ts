import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDatabase } from '../../testing/database-suite.ts';
import { dumpMigratedPglite } from '../../testing/index.ts';
import { openPglite } from './index.ts';

const INSERT = { name: 'insert', text: 'insert into acked (id) values ($1)' };

/** Another process that writes until it is killed and prints each id once the database has acknowledged it. */
const WRITING_PROGRAM = `
  const { openPglite } = await import(process.argv[1]);
  const handle = await openPglite({ dataDir: process.argv[2] });
  const [writer] = handle.writers;
  await writer.run({ name: 'create', text: 'create table if not exists acked (id int primary key)' }, []);
  for (let id = 0; ; id++) { await writer.run(${JSON.stringify(INSERT)}, [id]); process.stdout.write(id + '\\n'); }`;

describe('pglite', () => {
  describeDatabase('pglite');

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-pglite-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('refuses a directory another process has, and takes it with every acknowledged row once that was killed', async () => {
    const dataDir = join(folder, 'missing', 'parents', 'pglite');
    const entry = new URL('./index.ts', import.meta.url).href;
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITING_PROGRAM, entry, dataDir], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    const isWriting = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (printed.includes('\n20\n')) resolve();
      });
    });
    await Promise.race([isWriting, once(child, 'exit').then(() => Promise.reject(new Error('the writing process ended')))]);

    await expect(openPglite({ dataDir })).rejects.toThrow(new RegExp(`${dataDir} is in use .*process ${child.pid}`));

    const ended = once(child.stdout, 'end');
    child.kill('SIGKILL');
    await ended;
    const acknowledged = printed.slice(0, printed.lastIndexOf('\n')).split('\n').map(Number);
    const handle = await openPglite({ dataDir });
    const { rows } = await sql<{ id: number }>`select id from acked`.execute(handle.db);
    await handle.close();
    const kept = new Set(rows.map(({ id }) => id));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  });

  it('refuses to open a directory twice in one process, and opens it again once closed', async () => {
    const dataDir = join(folder, 'twice');
    const first = await openPglite({ dataDir });
    await expect(openPglite({ dataDir })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await first.close();
    const second = await openPglite({ dataDir });
    await expect(second.ping(5000)).resolves.toBeUndefined();
    await second.close();
  });

  it('says which directory could not be opened, and lets go of it', async () => {
    const dataDir = join(folder, 'not-a-database');
    await writeFile(dataDir, 'a file where a directory should be');
    await expect(openPglite({ dataDir })).rejects.toThrow(`${dataDir} could not be opened`);
    await rm(dataDir);
    const handle = await openPglite({ dataDir });
    await expect(handle.ping(5000)).resolves.toBeUndefined();
    await handle.close();
  });

  it('fails the calls of a crashed thread and recovers what was acknowledged on the next', async () => {
    const handle = await openPglite({ dataDir: join(folder, 'crash') });
    const [writer] = handle.writers;
    await writer?.run({ name: 'create', text: 'create table acked (id int primary key)' }, []);
    await writer?.run(INSERT, [1]);
    const running = writer?.run({ name: 'sleep', text: 'select pg_sleep(60)' }, []);
    const queued = sql`select 1`.execute(handle.db);
    const outcomes = Promise.allSettled([running, queued]);
    await handle.kill();
    const [first] = await outcomes;
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
    expect((await sql`select id from acked`.execute(handle.db)).rows).toEqual([{ id: 1 }]);
    await handle.close();
  });

  it('stays UNAVAILABLE after a crash when its data was in memory', async () => {
    const handle = await openPglite({ dataDir: 'memory://' });
    await handle.kill();
    await expect(handle.writers[0]?.run({ name: 'one', text: 'select 1' }, [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(handle.ping(5000)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await handle.close();
  });

  describe('with a template', () => {
    let handle: Awaited<ReturnType<typeof openPglite>>;
    beforeAll(async () => {
      handle = await openPglite({ dataDir: 'memory://', template: await dumpMigratedPglite() });
    });
    afterAll(() => handle.close());

    it('starts from the data of another database', async () => {
      const { rows } = await sql`select name from migration order by name limit 1`.execute(handle.db);
      expect(rows).toHaveLength(1);
    });

    it('leaves the event loop free during a long query, and says in time that it is busy', async () => {
      let ticks = 0;
      const timer = setInterval(() => (ticks += 1), 10);
      const query = sql`select pg_sleep(0.5)`.execute(handle.db);
      await expect(handle.ping(100)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await query;
      clearInterval(timer);
      expect(ticks).toBeGreaterThan(5);
    });

    it('keeps statistics for the planner when it is maintained', async () => {
      await sql`create table grown as select n from generate_series(1, 1000) n`.execute(handle.db);
      const count = async (): Promise<unknown> =>
        (await sql<{ reltuples: number }>`select reltuples from pg_class where relname = 'grown'`.execute(handle.db)).rows[0]?.reltuples;
      expect(await count()).not.toBe(1000);
      await handle.maintain();
      expect(await count()).toBe(1000);
    });
  });
});
