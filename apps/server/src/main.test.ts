import { openPostgres } from '@tidemark/core/adapters/postgres';
import { listMigrations, migrate } from '@tidemark/core/db';
import { COMPILE_CACHE, createEmptyPostgres, engines, LiveReader } from '@tidemark/core/testing';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-server-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
}

function start(env: Record<string, string>, args: string[] = []): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], ...COMPILE_CACHE, DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => ({
    code: typeof code === 'number' ? code : null,
    signal: typeof signal === 'string' ? signal : null,
  }));
  return { child, said: () => said, ended };
}

async function urlOf(started: Started): Promise<string> {
  for (;;) {
    const match = /listens on (http:\/\/\S+)/.exec(started.said());
    if (match?.[1] !== undefined) return match[1];
    await Promise.race([
      once(started.child.stdout ?? started.child, 'data'),
      started.ended.then(() => {
        throw new Error(`it ended: ${started.said()}`);
      }),
    ]);
  }
}

describe('the server process', () => {
  it('keeps what it was told across a restart, and ends with 0 when asked to', async () => {
    const first = start({});
    const url = await urlOf(first);
    const made = await fetch(`${url}/v1/workloads`, {
      method: 'POST',
      body: '{"kind":"command"}',
      headers: { 'content-type': 'application/json' },
    });
    const { id } = (await made.json()) as { id: string };
    await using live = await LiveReader.open(`${url}/v1/workloads/${id}/live`);
    expect(await live.next()).not.toBeNull();
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(await live.next()).toBeNull();

    const second = start({});
    const read = await fetch(`${await urlOf(second)}/v1/workloads/${id}`);
    expect(read.status).toBe(200);
    second.child.kill('SIGINT');
    expect(await second.ended).toEqual({ code: 0, signal: null });
  });

  it('goes on when something fails that nobody waits for, and says so', async () => {
    const leave = "process.once('SIGUSR2', () => void Promise.reject(new Error('left behind')))";
    const started = start({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(leave)}` });
    const url = await urlOf(started);
    started.child.kill('SIGUSR2');
    await expect.poll(started.said).toMatch(/left behind[^]*nobody waited for/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('says that its port is in use and ends with 1', async () => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const started = start({ PORT: String(port) });
    expect((await started.ended).code).toBe(1);
    expect(started.said()).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(started.said()).not.toMatch(/^\s+at /m);
    taken.close();
  });

  it('says everything that is wrong with its configuration and ends with 1', async () => {
    const started = start({ PORT: 'abc', LOG_LEVEL: 'loud' });
    expect((await started.ended).code).toBe(1);
    expect(started.said()).toContain('PORT must be');
    expect(started.said()).toContain('LOG_LEVEL must be');
    expect(started.said()).not.toMatch(/^\s+at /m);
  });

  it('says that its data belongs to another process and ends with 1', async () => {
    const first = start({});
    await urlOf(first);
    const second = start({});
    expect((await second.ended).code).toBe(1);
    expect(second.said()).not.toMatch(/^\s+at /m);
  });

  it('brings the database up to date and ends, when only that is asked', async () => {
    const started = start({}, ['--migrate-only']);
    expect((await started.ended).code, started.said()).toBe(0);
    expect(started.said()).toContain('up to date');
  });

  it.runIf(engines().includes('postgres'))(
    'that is killed in a migration leaves nothing of it, and the next start ends the work',
    async () => {
      const database = await createEmptyPostgres();
      const all = await listMigrations();
      const last = all.at(-1)?.name ?? '';
      for (const { name, text } of all.slice(0, -1)) await writeFile(join(folder, name), text);
      const handle = await openPostgres({ url: database.url });
      await migrate(handle, pathToFileURL(`${folder}/`));
      const [writer] = handle.writers;
      if (writer === undefined) throw new Error('no connection to ask with');
      const LOCK = { name: 'lock_migrations', text: 'lock table migration in share mode' };
      const WAITING = {
        name: 'waiting_migrations',
        text: `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into migration%'`,
      };
      const RECORDED = { name: 'recorded_migrations', text: 'select 1 from migration where name = $1' };
      const env = { DATABASE_URL: database.url };
      // The file is applied, and only saying so waits: it is in the middle, whatever the file does.
      const killed = await writer.transaction(async (tx) => {
        await tx.run(LOCK, []);
        const started = start(env, ['--migrate-only']);
        await expect.poll(async () => (await handle.reader.run(WAITING, [])).length, { timeout: 60_000 }).toBe(1);
        started.child.kill('SIGKILL');
        return started.ended;
      });
      expect(killed.signal).toBe('SIGKILL');
      expect(await writer.run(RECORDED, [last])).toHaveLength(0);
      const again = start(env, ['--migrate-only']);
      expect((await again.ended).code, again.said()).toBe(0);
      expect(again.said()).toContain('up to date');
      expect(await writer.run(RECORDED, [last])).toHaveLength(1);
      expect(await migrate(handle)).toEqual([]);
      await handle.close();
      await database.drop();
    },
  );

  it('does not show the password of a database it cannot reach', async () => {
    const started = start({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/none' });
    expect((await started.ended).code).toBe(1);
    expect(started.said()).not.toContain('hunter2');
    expect(started.said()).not.toMatch(/^\s+at /m);
  });
});
