import { openPglite } from '@tidemark/core/adapters/pglite';
import { migrate } from '@tidemark/core/db';
import { COMPILE_CACHE, createEmptyPostgres, engines, findPostgres, LiveReader } from '@tidemark/core/testing';
import type { Engine } from '@tidemark/core/testing';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { startServer } from './start-server.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const WORKER = { name: 'agent', worker_type: 'test', version: '1', isolations: ['process'], kinds: ['command'], slots: 4 };
const run = promisify(execFile);

/** Backup and restore as docs/operate.md tells them. */
interface Store extends AsyncDisposable {
  /** Where the server finds its database. */
  env(): Record<string, string>;
  readonly isBackedUpWhileRunning: boolean;
  backUp(): Promise<void>;
  restore(): Promise<void>;
}

async function postgresStore(folder: string): Promise<Store> {
  // Distributions put these beside the server's programs, or on PATH.
  const env = { PATH: `${process.env['PATH']}:${findPostgres()}` };
  const [first, second] = [await createEmptyPostgres(), await createEmptyPostgres()];
  const dump = join(folder, 'tidemark.dump');
  let { url } = first;
  return {
    env: () => ({ DATABASE_URL: url, DATA_DIR: folder }),
    isBackedUpWhileRunning: true,
    backUp: async () => void (await run('pg_dump', ['--format=custom', `--file=${dump}`, url], { env })),
    restore: async () => {
      ({ url } = second);
      await run('pg_restore', ['--dbname', url, dump], { env });
    },
    [Symbol.asyncDispose]: async () => {
      await first.drop();
      await second.drop();
    },
  };
}

async function embeddedStore(folder: string): Promise<Store> {
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  const handle = await openPglite({ dataDir: join(data, 'database') });
  await migrate(handle);
  await handle.close();
  return {
    env: () => ({ DATA_DIR: data }),
    isBackedUpWhileRunning: false,
    backUp: () => cp(data, copy, { recursive: true }),
    restore: async () => {
      await rm(data, { recursive: true });
      await cp(copy, data, { recursive: true });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function serve(store: Store) {
  const server = await startServer(readConfig({ PORT: '0', ...store.env() }, false), { log: pino({ level: 'silent' }) });
  const send = async (call: string, body?: object): Promise<{ status: number; json: unknown }> => {
    const [method = '', path = ''] = call.split(' ');
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(server.url + path, init);
    return { status: answer.status, json: await answer.json() };
  };
  const make = async (call: string, body: object): Promise<string> => {
    const { status, json } = await send(call, body);
    expect(status, JSON.stringify(json)).toBeLessThan(300);
    return (json as { id?: string; worker_id?: string }).id ?? (json as { worker_id: string }).worker_id;
  };
  const claim = async (worker_id: string): Promise<{ job_id: string; lease_epoch: number }> => {
    const { json } = await send('POST /v1/jobs/claim', { worker_id, max: 1, wait_ms: 20_000 });
    const [job] = (json as { jobs: { job_id: string; lease_epoch: number }[] }).jobs;
    if (job === undefined) throw new Error('nothing to claim');
    return { job_id: job.job_id, lease_epoch: job.lease_epoch };
  };
  return { url: server.url, send, make, claim, [Symbol.asyncDispose]: () => server.close() };
}
type Server = Awaited<ReturnType<typeof serve>>;

/** What there is when the backup is made: an agent, a workload nobody has taken, and a publication for later. */
async function before(server: Server) {
  const worker = await server.make('POST /v1/workers', WORKER);
  const known = await server.make('POST /v1/workloads', { kind: 'command' });
  const platform = { connector: 'webhook', url: 'http://127.0.0.1:9/hook' };
  expect((await server.send('PUT /v1/platforms/youtube', platform)).status).toBe(200);
  const video_id = await server.make('POST /v1/videos', { title: 'v' });
  const clip_id = await server.make('POST /v1/clips', { video_id, title: 'c' });
  const later = { clip_id, platform: 'youtube', social_account_id: 'a', scheduled_for: new Date(Date.now() + 86_400_000).toISOString() };
  await server.make('POST /v1/publications', later);
  return { worker, known };
}

/** What happens after it, and is lost: both jobs are in an agent's hands, and a client has seen events that will never have been. */
async function after(server: Server, { worker, known }: { worker: string; known: string }) {
  const place = async (): Promise<string> => {
    const { json } = await server.send('GET /v1/events?stream=workloads&order=desc&limit=1');
    return (json as { items: { id: string }[] }).items[0]?.id ?? '';
  };
  const held = await server.claim(worker);
  expect(held.job_id).toBe(known);
  await server.make('POST /v1/workloads', { kind: 'command' });
  const lost = await server.claim(worker);
  return { held, lost, place: await place() };
}

async function historyOf(store: Store) {
  await using first = await serve(store);
  const state = await before(first);
  if (store.isBackedUpWhileRunning) {
    await store.backUp();
    return { ...state, ...(await after(first, state)) };
  }
  await first[Symbol.asyncDispose]();
  await store.backUp();
  await using again = await serve(store);
  return { ...state, ...(await after(again, state)) };
}

describe.each(engines())('a backup that is restored on %s', (engine: Engine) => {
  it('gives a client one gap, refuses the agents of before, and publishes nothing by itself', { timeout: 240_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-restore-'));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const store = cleanup.use(await (engine === 'pglite' ? embeddedStore(folder) : postgresStore(folder)));
    const { worker, known, held, lost, place } = await historyOf(store);
    await store.restore();
    const env = { PATH: process.env['PATH'], ...COMPILE_CACHE, LOG_LEVEL: 'warn', ...store.env() };
    const { stdout } = await run(process.execPath, [MAIN, '--restored'], { env });
    expect(stdout).toContain('Paused, since their open publications may be out already: youtube');

    await using server = await serve(store);
    // As many events as before the restore and more: the place would fit if the log had kept its identity.
    for (let count = 0; count < 6; count += 1) await server.make('POST /v1/workloads', { kind: 'none' });
    await using live = await LiveReader.open(`${server.url}/v1/events/live?stream=workloads`, { 'last-event-id': place });
    const last = await server.make('POST /v1/workloads', { kind: 'none' });
    const frames = await live.until(({ data }) => (data['data'] as { id?: string } | undefined)?.id === last);
    expect(frames.filter(({ event }) => event === 'gap')).toMatchObject([{ data: { data: { reason: 'restored' } } }]);
    expect(frames[0]?.event).toBe('gap');

    const late = await server.send(`POST /v1/jobs/${held.job_id}/complete`, { lease_epoch: held.lease_epoch });
    expect(late).toMatchObject({ status: 409, json: { code: 'LEASE_STALE' } });
    const unknown = await server.send(`POST /v1/jobs/${lost.job_id}/complete`, { lease_epoch: lost.lease_epoch });
    expect(unknown).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    const now = await server.claim(worker);
    expect(now.job_id).toBe(known);
    expect(now.lease_epoch).toBeGreaterThan(held.lease_epoch);
    // The same agent holds the same job again; what it kept from before is still not believed.
    const kept = { worker_id: worker, items: [{ op: 'complete', ...held }] };
    expect((await server.send('POST /v1/jobs/report', kept)).json).toMatchObject({ results: [{ ok: false, code: 'LEASE_STALE' }] });
    expect((await server.send(`POST /v1/jobs/${now.job_id}/complete`, { lease_epoch: now.lease_epoch })).status).toBe(200);
    const { json } = await server.send(`GET /v1/workloads/${known}`);
    expect(json).toMatchObject({ status: 'completed', attempts: [{ outcome: 'completed', lease_epoch: now.lease_epoch }] });
    expect((json as { attempts: unknown[] }).attempts).toHaveLength(1);
    expect((await server.send('GET /v1/platforms/youtube')).json).toMatchObject({ paused: true });
    expect((await server.send('GET /v1/queues/publish:youtube')).json).toMatchObject({ is_paused: true });
  });
});
