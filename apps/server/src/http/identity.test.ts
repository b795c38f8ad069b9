import { engines } from '@tidemark/core/testing';
import { signIn as signInFrom } from '@tidemark/core/sessions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/start-test-server.ts';
import type { Answer, TestServer } from '../testing/start-test-server.ts';

const ADMIN = { email: 'Ada@Example.com', password: 'correct horse battery staple' };

const PAST = '2001-01-01T00:00:00Z';

/** The cookie an answer sets, as a browser would send it back. */
function cookieOf(answer: Answer): Record<string, string> {
  const set = answer.headers.get('set-cookie') ?? '';
  return { cookie: set.slice(0, set.indexOf(';')) };
}

/** A browser whose page was loaded from this server. */
function browser(server: TestServer, cookie: Record<string, string> = {}): Record<string, string> {
  return { ...cookie, origin: server.url, 'sec-fetch-site': 'same-origin' };
}

function tokenOf(server: TestServer): string {
  return new URL(server.running.setup_url ?? '').hash.replace('#token=', '');
}

async function signIn(server: TestServer, { email, password }: { email: string; password: string }): Promise<Record<string, string>> {
  const answer = await server.send('POST /v1/session', { email, password }, browser(server));
  expect(answer.status, answer.text).toBe(201);
  return browser(server, cookieOf(answer));
}

describe.each(engines())('the first account on %s', (engine) => {
  it('is made once with the printed link, by one of many at the same time', async () => {
    await using server = await startTestServer(engine, { config: { auth: 'required' } });
    expect((await server.get('/v1/session')).json).toMatchObject({ state: 'anonymous', is_setup_needed: true });
    const setup = { ...ADMIN, token: tokenOf(server) };
    const count = engine === 'postgres' ? 20 : 5;
    const wrong = await server.send('POST /v1/setup', { ...setup, token: 'a'.repeat(40) });
    expect(wrong).toMatchObject({ status: 401 });
    expect((await server.send('POST /v1/setup/check', { token: setup.token })).json).toMatchObject({ is_valid: true });
    const answers = await Promise.all(Array.from({ length: count }, () => server.send('POST /v1/setup', setup)));
    expect(answers.map(({ status }) => `${status}`).toSorted()).toEqual(['201', ...Array.from({ length: count - 1 }, () => '409')]);
    const made = answers.find(({ status }) => status === 201);
    if (made === undefined) throw new Error('no account');
    expect(made.json).toMatchObject({ user: { email: 'ada@example.com', role: 'admin' } });
    expect((await server.get('/v1/keys', browser(server, cookieOf(made)))).status).toBe(200);
    expect((await server.send('POST /v1/setup', setup)).status).toBe(404);
    expect((await server.send('POST /v1/setup/check', { token: setup.token })).status).toBe(404);
  });

  it('closes an open server, whose link is kept as a digest', async () => {
    await using server = await startTestServer(engine);
    const token = tokenOf(server);
    const { db } = server.running.core.database;
    expect(JSON.stringify(await db.selectFrom('setup_link').selectAll().execute())).not.toContain(token);
    expect((await server.get('/v1/session')).json).toMatchObject({ state: 'open', role: 'admin', is_setup_needed: true });
    expect((await server.send('POST /v1/setup', { ...ADMIN, token })).status).toBe(201);
    expect((await server.get('/v1/stats')).status).toBe(401);
    expect((await server.get('/v1/session')).json).toMatchObject({ state: 'anonymous', is_setup_needed: false });
  });

  it('cannot be made with a link that has run out', async () => {
    await using server = await startTestServer(engine);
    await server.running.core.database.db.updateTable('setup_link').set({ expires_at: PAST }).execute();
    expect((await server.send('POST /v1/setup', { ...ADMIN, token: tokenOf(server) })).status).toBe(401);
  });
});

describe.each(engines())('people on %s', (engine) => {
  let server: TestServer;
  let admin: Record<string, string>;

  beforeAll(async () => {
    server = await startTestServer(engine, { config: { auth: 'required' } });
    const made = await server.send('POST /v1/setup', { ...ADMIN, token: tokenOf(server) }, browser(server));
    admin = browser(server, cookieOf(made));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function addUser(email: string, role: string): Promise<{ id: string; email: string; password: string }> {
    const password = `a long password of ${email}`;
    const made = await server.send('POST /v1/users', { email, role, password }, admin);
    expect(made.status, made.text).toBe(201);
    return { id: (made.json as { id: string }).id, email, password };
  }

  it('sign in whatever the case of their address, and get a cookie that scripts and other sites do not', async () => {
    const answer = await server.send('POST /v1/session', { ...ADMIN, email: 'ADA@example.COM' }, browser(server));
    expect(answer.status).toBe(201);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^tidemark_session=[0-9a-z]{40}; Path=\/; HttpOnly; SameSite=Strict; Expires=/);
    expect(answer.text).not.toContain(cookie.slice('tidemark_session='.length, 57));
    const over = { host: 'tidemark.example', origin: 'https://tidemark.example', 'content-type': 'application/json' };
    const secure = await server.raw({ method: 'POST', path: '/v1/session', headers: over, body: JSON.stringify(ADMIN) });
    expect(secure.headers.get('set-cookie')).toMatch(/^__Host-tidemark_session=[0-9a-z]{40}; Path=\/; HttpOnly; SameSite=Strict; Secure; /);
  });

  it('sign in through a streamed batch of tRPC as well, cookie and all', async () => {
    const headers = { ...browser(server), 'trpc-accept': 'application/jsonl' };
    const answer = await server.send('POST /trpc/session.signIn?batch=1', { 0: ADMIN }, headers);
    expect(answer.status).toBe(200);
    expect((await server.get('/v1/session', cookieOf(answer))).json).toMatchObject({
      state: 'signed_in',
      user: { email: 'ada@example.com' },
    });
  });

  it('keep nothing readable of password or token in the database', async () => {
    const token = admin['cookie']?.split('=')[1] ?? 'none';
    const { db } = server.running.core.database;
    const stored = JSON.stringify([
      await db.selectFrom('user_account').selectAll().execute(),
      await db.selectFrom('user_session').selectAll().execute(),
    ]);
    expect(stored).toContain('scrypt$ln=15,r=8,p=3$');
    for (const secret of [token, ADMIN.password]) expect(stored).not.toContain(secret);
  });

  it('lose a session by signing out: its cookie replayed is nobody', async () => {
    const mine = await signIn(server, ADMIN);
    expect((await server.get('/v1/stats', mine)).status).toBe(200);
    const left = await server.send('DELETE /v1/session', undefined, mine);
    expect(left.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await server.get('/v1/stats', mine)).status).toBe(401);
  });

  it('see and end their own sessions only', async () => {
    const first = await addUser('own@example.com', 'viewer');
    const here = await signIn(server, first);
    const there = await signIn(server, first);
    const { items } = (await server.get('/v1/sessions', here)).json as { items: { id: string; is_current: boolean }[] };
    expect(items.map(({ is_current }) => is_current)).toEqual([false, true]);
    expect((await server.send(`DELETE /v1/sessions/${items[0]?.id}`, undefined, admin)).status).toBe(404);
    expect((await server.send(`DELETE /v1/sessions/${items[0]?.id}`, undefined, here)).status).toBe(200);
    expect((await server.get('/v1/stats', there)).status).toBe(401);
    expect((await server.get('/v1/stats', here)).status).toBe(200);
  });

  it('lose every session when their password changes, and go on with a new one', async () => {
    const who = await addUser('change@example.com', 'viewer');
    const here = await signIn(server, who);
    const there = await signIn(server, who);
    const wrong = await server.send(
      'PUT /v1/session/password',
      { current_password: 'not it at all', new_password: 'another long one' },
      here,
    );
    expect(wrong.status).toBe(401);
    const input = { current_password: who.password, new_password: 'another long password' };
    const changed = await server.send('PUT /v1/session/password', input, here);
    expect(changed.status).toBe(200);
    for (const old of [here, there]) expect((await server.get('/v1/stats', old)).status).toBe(401);
    expect((await server.get('/v1/stats', browser(server, cookieOf(changed)))).status).toBe(200);
    const old = { email: who.email, password: who.password };
    expect((await server.send('POST /v1/session', old, browser(server))).status).toBe(401);
  });

  it.each([
    { name: 'a new role', change: { role: 'operator' } },
    { name: 'being disabled', change: { is_disabled: true } },
  ])('lose every session by $name', async ({ name, change }) => {
    const who = await addUser(`${name.replaceAll(' ', '.')}@example.com`, 'viewer');
    const mine = await signIn(server, who);
    expect((await server.send(`PATCH /v1/users/${who.id}`, change, admin)).status).toBe(200);
    expect((await server.get('/v1/stats', mine)).status).toBe(401);
  });

  it('are not found by idle or overdue sessions', async () => {
    const { db } = server.running.core.database;
    const who = await addUser('late@example.com', 'viewer');
    for (const change of [{ last_seen_at: new Date(Date.now() - 12.1 * 3_600_000).toISOString() }, { expires_at: PAST }]) {
      const mine = await signIn(server, who);
      await db.updateTable('user_session').set(change).where('user_id', '=', who.id).execute();
      expect((await server.get('/v1/stats', mine)).status).toBe(401);
    }
  });

  it('cannot change their own role, disable themselves, or leave without an administrator', async () => {
    const { items } = (await server.get('/v1/users', admin)).json as { items: { id: string; email: string; version: number }[] };
    const me = items.find(({ email }) => email === 'ada@example.com');
    expect(await server.send(`PATCH /v1/users/${me?.id}`, { role: 'viewer' }, admin)).toMatchObject({ status: 403 });
    expect(await server.send(`PATCH /v1/users/${me?.id}`, { is_disabled: true }, admin)).toMatchObject({
      json: { data: { reason: 'self' } },
    });
    const key = (await server.send('POST /v1/keys', { name: 'k', role: 'admin' }, admin)).json as { key: string };
    const byKey = await server.send(`PATCH /v1/users/${me?.id}`, { is_disabled: true }, { authorization: `Bearer ${key.key}` });
    expect(byKey).toMatchObject({ status: 409, json: { data: { reason: 'last_admin' } } });
  });

  it('are changed only as they were seen', async () => {
    const { id } = await addUser('version@example.com', 'viewer');
    const answers = await Promise.all(['one', 'two'].map((name) => server.send(`PATCH /v1/users/${id}`, { name, version: 1 }, admin)));
    expect(answers.map(({ status }) => `${status}`).toSorted()).toEqual(['200', '409']);
  });

  it.each(['', 'eleven char', 'x'.repeat(129), 'with a \u0000 NUL inside', ' '.repeat(20), 'taken.as.password@example.com'])(
    'cannot have the password %j',
    async (password) => {
      const input = { email: 'taken.as.password@example.com', role: 'viewer', password };
      expect((await server.send('POST /v1/users', input, admin)).status).toBe(400);
    },
  );

  it('have an address nobody else has', async () => {
    expect((await server.send('POST /v1/users', { email: 'ADA@EXAMPLE.COM', role: 'viewer' }, admin)).status).toBe(409);
  });

  it('are told apart from nobody neither by text nor by status', async () => {
    const { id } = await addUser('off@example.com', 'viewer');
    await server.send(`PATCH /v1/users/${id}`, { is_disabled: true }, admin);
    const tries = [
      { email: 'nobody@example.com', password: 'some long password' },
      { email: 'off@example.com', password: 'a long password of off@example.com' },
      { email: 'ada@example.com', password: 'some long password' },
    ];
    const answers = await Promise.all(tries.map((input) => server.send('POST /v1/session', input, browser(server))));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
  });

  it('are told apart from nobody not by the work of a sign-in either', async () => {
    const { email } = await addUser('worked@example.com', 'viewer');
    const work: Record<string, number[]> = { known: [], unknown: [] };
    for (let round = 0; round < 3; round += 1) {
      for (const [who, address] of Object.entries({ known: email, unknown: `nobody${round}@example.com` })) {
        const before = process.cpuUsage();
        const origin = { address: `203.0.113.${100 + round}`, user_agent: null };
        await expect(signInFrom(server.running.core, { email: address, password: 'some long password' }, origin)).rejects.toThrow();
        work[who]?.push(process.cpuUsage(before).user);
      }
    }
    const median = (who: string): number => work[who]?.toSorted((left, right) => left - right)[1] ?? 0;
    // Without the hash of a password the one would be a hundredth of the other.
    expect(median('unknown') / median('known')).toBeGreaterThan(0.4);
    expect(median('unknown') / median('known')).toBeLessThan(2.5);
  });

  it('are slowed down per account and address, while another address still gets in', async () => {
    const { email, password } = await addUser('guessed@example.com', 'viewer');
    const wrong = { email, password: 'a wrong password' };
    const answers = await Promise.all(Array.from({ length: 12 }, () => server.send('POST /v1/session', wrong, browser(server))));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await server.send('POST /v1/session', { email, password }, browser(server))).status).toBe(429);
    const origin = { address: '203.0.113.9', user_agent: null };
    expect((await signInFrom(server.running.core, { email, password }, origin)).user.email).toBe(email);
  });
});

describe('a request that only a cookie vouches for', () => {
  let server: TestServer;
  let cookie: Record<string, string>;
  const body = '{"kind":"command"}';

  beforeAll(async () => {
    server = await startTestServer('pglite', { config: { auth: 'required' } });
    cookie = cookieOf(await server.send('POST /v1/setup', { ...ADMIN, token: tokenOf(server) }));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function create(headers: Record<string, string>, path = '/v1/workloads'): Promise<number> {
    const { host } = new URL(server.url);
    return (await server.raw({ method: 'POST', path, headers: { host, 'content-type': 'application/json', ...cookie, ...headers }, body }))
      .status;
  }

  it('may change something when it comes from our own page', async () => {
    expect(await create({ origin: server.url })).toBe(201);
    expect(await create({ 'sec-fetch-site': 'same-origin' })).toBe(201);
  });

  it.each([
    { name: 'another site', headers: { origin: 'http://evil.example' } },
    { name: 'another port', headers: { origin: 'http://127.0.0.1:1' } },
    { name: 'a sandboxed page', headers: { origin: 'null' } },
    { name: 'nobody knows where', headers: {} },
    { name: 'a site of the same owner', headers: { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' } },
  ])('is refused when it comes from $name', async ({ headers }) => {
    for (const path of ['/v1/workloads', '/trpc/workloads.create', '/trpc/workloads.create?batch=1'])
      expect(await create(headers as Record<string, string>, path), path).toBe(403);
  });

  it.each(['multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream'])(
    'is refused as %s',
    async (type) => {
      for (const path of ['/v1/workloads', '/trpc/workloads.create'])
        expect(await create({ origin: server.url, 'content-type': type }, path), path).toBe(415);
    },
  );

  it('does not read across sites, and a key beside it needs no page at all', async () => {
    const foreign = { ...cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await server.raw({ path: '/v1/stats', headers: { host: new URL(server.url).host, ...foreign } })).status).toBe(403);
    const made = await server.send('POST /v1/keys', { name: 'k', role: 'operator' }, browser(server, cookie));
    const key = (made.json as { key: string }).key;
    expect(await create({ origin: 'http://evil.example', authorization: `Bearer ${key}` })).toBe(201);
  });

  it('cannot sign somebody in from another site', async () => {
    const headers = { host: new URL(server.url).host, origin: 'http://evil.example', 'content-type': 'application/json' };
    const answer = await server.raw({ method: 'POST', path: '/v1/session', headers, body: JSON.stringify(ADMIN) });
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});
