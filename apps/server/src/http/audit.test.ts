import { auditModeOf, ROUTES } from '@tidemark/api/server';
import { engines } from '@tidemark/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { TestServer } from '../testing/start-test-server.ts';

const ADMIN_KEY = 'bootstrap-admin-key-0123456789';
const ADMIN = { authorization: `Bearer ${ADMIN_KEY}` };

interface Entry {
  readonly position: number;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly item_count: number;
  readonly details: unknown;
}
interface Verification {
  readonly is_intact: boolean;
  readonly broken_at: number | null;
  readonly problem: string | null;
  readonly head_position: number;
  readonly head_hash: string;
}

async function entries(server: TestServer, query = ''): Promise<Entry[]> {
  return ((await server.get(`/v1/audit?limit=500&${query}`, ADMIN)).json as { items: Entry[] }).items;
}

async function verify(server: TestServer, query = ''): Promise<Verification> {
  return (await server.get(`/v1/audit/verify?${query}`, ADMIN)).json as Verification;
}

/** What somebody with the database's password can do. */
async function byHand(server: TestServer, statement: string): Promise<void> {
  const [writer] = server.running.core.database.writers;
  for (const text of ['alter table audit_entry disable trigger all', statement, 'alter table audit_entry enable trigger all'])
    await writer?.run({ name: `by_hand_${text}`.slice(0, 60), text }, []);
}

describe.each(engines())('the audit log on %s', (engine) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer(engine, { config: { admin_key: ADMIN_KEY } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('has who changed what from where, before the answer is there', async () => {
    const made = await server.send('POST /v1/keys', { name: 'agents', role: 'worker' }, { ...ADMIN, 'x-request-id': 'req-of-test' });
    const { id, key } = made.json as { id: string; key: string };
    const rows = await server.running.core.database.db.selectFrom('audit_entry').selectAll().where('target', '=', id).execute();
    expect(rows).toMatchObject([
      {
        actor_kind: 'key',
        actor_id: 'bootstrap',
        actor_name: 'TIDEMARK_ADMIN_KEY',
        address: '127.0.0.1',
        action: 'keys.create',
        outcome: 'done',
        request_id: 'req-of-test',
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain(key.split('_')[2]);
  });

  it('tells what a change changed, and nothing that may be secret', async () => {
    const input = { email: 'a@example.com', role: 'viewer', password: 'correct horse battery staple' };
    const { id } = (await server.send('POST /v1/users', input, ADMIN)).json as { id: string };
    await server.send(`PATCH /v1/users/${id}`, { role: 'operator' }, ADMIN);
    await server.send(`PUT /v1/users/${id}/password`, { password: 'another long password' }, ADMIN);
    const [password, update, create] = await entries(server, `target=${id}`);
    expect(create).toMatchObject({ action: 'users.create', details: { role: [null, 'viewer'], email: [null, 'a@example.com'] } });
    expect(update).toMatchObject({ action: 'users.update', details: { role: ['viewer', 'operator'], version: [1, 2] } });
    expect(password).toMatchObject({ action: 'users.setPassword', details: { version: [2, 3] } });
    expect(JSON.stringify([password, update, create])).not.toMatch(/horse|another long/);
    const signedIn = await server.send('POST /v1/session', { email: 'a@example.com', password: 'another long password' }, {});
    expect(signedIn.status).toBe(201);
    await server.send('POST /v1/session', { email: 'a@example.com', password: 'a wrong password' }, {});
    const signIns = await entries(server, 'action=session');
    expect(signIns.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(['session.signIn UNAUTHORIZED', 'session.signIn done']);
    expect(signIns[1]).toMatchObject({ target: id });
  });

  it('has settings before and after', async () => {
    await server.send('PUT /v1/settings/egress', { allow: ['10.0.0.0/8'] }, ADMIN);
    const [entry] = await entries(server, 'action=settings.setEgress');
    expect(entry).toMatchObject({ details: { allow: [[], ['10.0.0.0/8']] } });
  });

  it('has who wrote, changed and deleted a note, and not a word of it', async () => {
    const monitor = { name: 'Shop', type: 'heartbeat', interval_seconds: 3600 };
    const { ping_key } = (await server.send('POST /api/tests', monitor, ADMIN)).json as { ping_key: string };
    await server.send(`POST /api/heartbeats/${ping_key}`, { status: 'fail' });
    const { items } = (await server.get('/v1/outages', ADMIN)).json as { items: { id: string }[] };
    const notes = `/v1/outages/${items[0]?.id ?? ''}/notes`;
    const made = await server.send(`POST ${notes}`, { text: 'the password is hunter2' }, ADMIN);
    const { id } = made.json as { id: string };
    expect(made).toMatchObject({ status: 201, json: { author_name: 'TIDEMARK_ADMIN_KEY', can_edit: true } });
    await server.send(`PATCH ${notes}/${id}`, { text: 'hunter2 it was' }, ADMIN);
    await server.send(`DELETE ${notes}/${id}`, undefined, ADMIN);
    const logged = await entries(server, 'action=outages.notes');
    expect(logged).toMatchObject([
      { action: 'outages.notes.remove', target: id, details: { text: ['…', null], author_name: ['TIDEMARK_ADMIN_KEY', null] } },
      { action: 'outages.notes.update', target: id, details: { text: ['…', '…'], edited_at: [null, expect.any(String) as string] } },
      { action: 'outages.notes.create', target: id, details: { text: [null, '…'], outage_id: [null, items[0]?.id] } },
    ]);
    expect(JSON.stringify(logged)).not.toContain('hunter2');
    const { key } = (await server.send('POST /v1/keys', { name: 'on call', role: 'operator' }, ADMIN)).json as { key: string };
    const known = await server.send(`POST /v1/outages/${items[0]?.id ?? ''}/acknowledge`, {}, { authorization: `Bearer ${key}` });
    expect(known.json).toMatchObject({ acknowledged_by_name: 'on call', resolved_by_name: null });
  });

  it('counts created work together, behind the answer', async () => {
    await Promise.all(Array.from({ length: 20 }, () => server.send('POST /v1/workloads', { kind: 'command' }, ADMIN)));
    await server.send('POST /v1/workloads/batch', { items: [{ kind: 'command' }, { kind: 'command' }] }, ADMIN);
    const created = await entries(server, 'action=workloads');
    const countOf = (action: string): number =>
      created.filter((entry) => entry.action === action).reduce((sum, { item_count }) => sum + item_count, 0);
    expect(countOf('workloads.create')).toBe(20);
    expect(countOf('workloads.createMany')).toBe(2);
    expect(created.length).toBeLessThan(22);
    expect(created[0]?.target).toMatch(/^wl_/);
  });

  it('has every mutation of the router when it is refused, through REST and through tRPC', async () => {
    const made = await server.send('POST /v1/keys', { name: 'viewer', role: 'viewer' }, ADMIN);
    const { id, key } = made.json as { id: string; key: string };
    const viewer = { authorization: `Bearer ${key}` };
    const closed = ROUTES.filter(({ type, meta }) => type === 'mutation' && meta.role !== 'public' && meta.role !== 'viewer');
    expect(closed.length).toBeGreaterThan(60);
    for (const [index, { name, meta }] of closed.entries()) {
      const path = meta.path.replaceAll(/\{[^}]+\}/g, 'none');
      const call = index % 2 === 0 ? `${meta.method} ${path}` : `POST /trpc/${name}`;
      const body = call.startsWith('DELETE') ? undefined : {};
      expect((await server.send(call, body, viewer)).status, call).toBe(403);
    }
    const seen = new Set((await entries(server, `actor_id=${id}&outcome=FORBIDDEN`)).map(({ action }) => action));
    expect(closed.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  });

  it('leaves out only what agents and probes do all the time, and looks', () => {
    const quiet = ROUTES.filter(({ type, meta }) => type === 'mutation' && auditModeOf(meta) === 'refusals').map(({ name }) => name);
    expect(quiet.toSorted()).toEqual([
      'heartbeats.ping',
      'jobs.checkpoint',
      'jobs.claim',
      'jobs.complete',
      'jobs.fail',
      'jobs.output',
      'jobs.release',
      'jobs.report',
      'publishing.publications.beginSend',
      'setup.check',
      'workers.heartbeat',
    ]);
  });

  it('is exported as CSV and as JSON lines', async () => {
    const all = await entries(server);
    const lines = (await server.get('/v1/audit/export.jsonl', ADMIN)).text.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Entry).position)).toEqual(all.map(({ position }) => position));
    const csv = (await server.get('/v1/audit/export.csv?action=keys', ADMIN)).text.trim().split('\r\n');
    expect(csv[0]).toMatch(/^position,at,actor_kind,/);
    expect(csv).toHaveLength(1 + all.filter(({ action }) => action.startsWith('keys.')).length);
  });

  it('cannot be changed by the server, and is intact', async () => {
    const { db } = server.running.core.database;
    await expect(db.updateTable('audit_entry').set({ action: 'nothing' }).execute()).rejects.toThrow(/append-only/);
    await expect(db.deleteFrom('audit_entry').execute()).rejects.toThrow(/append-only/);
    const all = await entries(server);
    expect(await verify(server)).toMatchObject({ is_intact: true, broken_at: null, problem: null, head_position: all[0]?.position });
  });

  it('names the position of a row that was edited by hand', async () => {
    await byHand(server, "update audit_entry set actor_name = 'somebody else' where position = 3");
    expect(await verify(server)).toMatchObject({ is_intact: false, broken_at: 3, problem: 'edited' });
    await byHand(server, "update audit_entry set actor_name = 'TIDEMARK_ADMIN_KEY' where position = 3");
    expect(await verify(server)).toMatchObject({ is_intact: true });
  });

  it('is found out when entries are cut off at its end, or written anew', async () => {
    const { head_position, head_hash } = await verify(server);
    expect(await verify(server, `position=${head_position}&hash=${'0'.repeat(64)}`)).toMatchObject({
      broken_at: head_position,
      problem: 'replaced',
    });
    expect(await verify(server, `position=${head_position}&hash=${head_hash}`)).toMatchObject({ is_intact: true });
    await byHand(server, `delete from audit_entry where position = ${head_position}`);
    expect(await verify(server)).toMatchObject({ is_intact: false, broken_at: head_position, problem: 'cut_off' });
    await byHand(server, 'delete from audit_entry where position = 2');
    expect(await verify(server)).toMatchObject({ broken_at: 2, problem: 'missing' });
  });
});
