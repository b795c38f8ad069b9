import { engines } from '@tidemark/core/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { startTestIssuer, TEST_CLIENT } from '../testing/start-test-issuer.ts';
import type { TestIssuer, Visitor } from '../testing/start-test-issuer.ts';
import { startTestServer } from '../testing/start-test-server.ts';
import type { Answer, TestServer } from '../testing/start-test-server.ts';

const KEY = 'administrator-of-this-suite';
const ADMIN = { authorization: `Bearer ${KEY}` };
const HOME = 'http://tidemark.test';
const CALLBACK = '/v1/session/oidc/callback';

function oidcOf(issuer: string, change: Partial<NonNullable<Config['oidc']>> = {}): NonNullable<Config['oidc']> {
  const mapping = { role_claim: null, admin_values: [], operator_values: [], viewer_values: [], default_role: 'viewer' as const };
  return { ...mapping, ...TEST_CLIENT, issuer, redirect_url: `${HOME}${CALLBACK}`, scope: 'openid profile email', ...change };
}

/** The cookies an answer sets, as a browser would send them back. */
function cookieOf(answer: Answer): Record<string, string> {
  return {
    cookie: answer.headers
      .getSetCookie()
      .map((set) => set.slice(0, set.indexOf(';')))
      .join('; '),
  };
}

function person(sub: string, claims: Record<string, unknown> = {}): Visitor {
  return { claims: { sub, email: `${sub}@example.com`, email_verified: true, name: `The ${sub}`, ...claims } };
}

async function begin(server: TestServer, next = '/monitors?status=failed'): Promise<{ page: string; cookie: Record<string, string> }> {
  const answer = await visit(server, `/v1/session/oidc?next=${encodeURIComponent(next)}`);
  expect(answer.status, answer.text).toBe(302);
  return { page: answer.headers.get('location') ?? '', cookie: cookieOf(answer) };
}

/** Like a browser, except that it does not follow by itself. */
async function visit(server: TestServer, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(server.url + path, { headers, redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text(), json: null };
}

/** The whole way there and back. */
async function signIn(server: TestServer, issuer: TestIssuer, visitor: Visitor): Promise<Answer> {
  const { page, cookie } = await begin(server);
  return visit(server, CALLBACK + issuer.authorize(page, visitor).search, cookie);
}

function problemOf(answer: Answer): string | null {
  expect(answer.status).toBe(302);
  expect(cookieOf(answer)['cookie']).not.toMatch(/session=\w/);
  const { pathname, searchParams } = new URL(answer.headers.get('location') ?? '', HOME);
  expect(pathname).toBe('/login');
  return searchParams.get('problem');
}

async function roleOf(server: TestServer, answer: Answer): Promise<unknown> {
  return ((await server.get('/v1/session', cookieOf(answer))).json as { role: unknown }).role;
}

async function addUser(server: TestServer, email: string, role = 'operator'): Promise<string> {
  const made = await server.send('POST /v1/users', { email, role }, ADMIN);
  expect(made.status, made.text).toBe(201);
  return (made.json as { id: string }).id;
}

describe.each(engines())('a sign-in through an identity provider on %s', (engine) => {
  let issuer: TestIssuer;
  let server: TestServer;

  beforeAll(async () => {
    issuer = await startTestIssuer();
    server = await startTestServer(engine, { config: { auth: 'required', admin_key: KEY, oidc: oidcOf(issuer.url) } });
    await addUser(server, 'ada@example.com', 'admin');
  });
  beforeEach(() => {
    issuer.isDown = false;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  it('makes an account, starts a session, goes where the person wanted to, and is in the audit log', async () => {
    expect((await server.get('/v1/session')).json).toMatchObject({ sign_in_methods: ['password', 'oidc'] });
    const answer = await signIn(server, issuer, person('grace'));
    expect(answer.headers.get('location')).toBe('/monitors?status=failed');
    expect(answer.headers.getSetCookie().join('\n')).toMatch(/tidemark_session=[0-9a-z]{40}; Path=\/; HttpOnly; SameSite=Strict; Expires=/);
    const { json } = await server.get('/v1/session', cookieOf(answer));
    expect(json).toMatchObject({
      state: 'signed_in',
      role: 'viewer',
      user: { email: 'grace@example.com', name: 'The grace', has_password: false },
    });
    const { user } = json as { user: { id: string } };
    const { items } = (await server.get('/v1/audit?action=session.signInByProvider', ADMIN)).json as { items: unknown[] };
    expect(items).toContainEqual(expect.objectContaining({ target: user.id, outcome: 'done', actor_kind: 'anonymous' }));
  });

  it('finds the same person again under another address', async () => {
    const first = await signIn(server, issuer, person('mary'));
    const again = await signIn(server, issuer, person('mary', { email: 'mary.new@example.com', email_verified: false }));
    const [one, two] = await Promise.all([first, again].map(async (answer) => (await server.get('/v1/session', cookieOf(answer))).json));
    expect((two as { user: { id: string } }).user.id).toBe((one as { user: { id: string } }).user.id);
  });

  it('asks with PKCE, state and nonce, in a cookie that scripts do not see, and keeps none of them', async () => {
    const { page, cookie } = await begin(server);
    const asked = new URL(page).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256', client_id: 'tidemark' });
    const set = await visit(server, '/v1/session/oidc');
    expect(set.headers.get('set-cookie')).toMatch(/^tidemark_oidc=[0-9a-z]{40}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    const stored = JSON.stringify(await server.running.core.database.db.selectFrom('provider_visit').selectAll().execute());
    for (const secret of [asked.get('state'), asked.get('nonce'), cookie['cookie']?.split('=')[1]]) {
      expect(secret).toMatch(/^[\w-]{40,}$/);
      expect(stored).not.toContain(secret);
      expect(page).not.toContain(cookie['cookie']?.split('=')[1]);
    }
  });

  it('links an account of the verified address, keeps its role, and never links it to a second person', async () => {
    const id = await addUser(server, 'linked@example.com');
    const answer = await signIn(server, issuer, person('linked', { email: 'Linked@Example.com' }));
    expect((await server.get('/v1/session', cookieOf(answer))).json).toMatchObject({ role: 'operator', user: { id } });
    expect(problemOf(await signIn(server, issuer, person('thief', { email: 'linked@example.com' })))).toBe('taken');
  });

  it.each([false, undefined, 'true'])('does not link an account when email_verified is %j', async (email_verified) => {
    const email = `unverified.${String(email_verified)}@example.com`;
    const id = await addUser(server, email);
    expect(problemOf(await signIn(server, issuer, person(`u-${String(email_verified)}`, { email, email_verified })))).toBe('unverified');
    const row = await server.running.core.database.db.selectFrom('user_account').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.oidc_subject).toBeNull();
  });

  it.each([{ email_verified: false }, { email: undefined }, { email: 'no address' }])('makes no account of %j', async (claims) => {
    expect(problemOf(await signIn(server, issuer, person('nobody', claims)))).toBe('unverified');
  });

  it('refuses a disabled account, linked or not, and says so in the audit log', async () => {
    const id = await addUser(server, 'off@example.com');
    await server.send(`PATCH /v1/users/${id}`, { is_disabled: true }, ADMIN);
    expect(problemOf(await signIn(server, issuer, person('off')))).toBe('disabled');
    await server.send(`PATCH /v1/users/${id}`, { is_disabled: false }, ADMIN);
    expect((await signIn(server, issuer, person('off'))).headers.get('location')).toBe('/monitors?status=failed');
    await server.send(`PATCH /v1/users/${id}`, { is_disabled: true }, ADMIN);
    expect(problemOf(await signIn(server, issuer, person('off')))).toBe('disabled');
    await server.running.core.audit.flush();
    const { items } = (await server.get('/v1/audit?action=session.signInByProvider', ADMIN)).json as { items: { outcome: string }[] };
    expect(items.map(({ outcome }) => outcome)).toContain('UNAUTHORIZED');
  });

  it('makes one account of a new person who comes back in several tabs at once', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(server, issuer, person('tabs'))));
    expect(new Set(answers.map(({ headers }) => headers.get('location')))).toEqual(new Set(['/monitors?status=failed']));
  });

  it('refuses an answer with the state of another visit, of none, or to another browser', async () => {
    const { page, cookie } = await begin(server);
    const other = await begin(server);
    const back = issuer.authorize(page, person('state')).searchParams;
    const answerTo = (query: Record<string, string>, headers: Record<string, string>): Promise<Answer> =>
      visit(server, `${CALLBACK}?${new URLSearchParams(query).toString()}`, headers);
    const code = back.get('code') ?? '';
    const state = back.get('state') ?? '';
    for (const [query, headers] of [
      [{ code, state: `${state}x` }, cookie],
      [{ code }, cookie],
      [{ code, state: new URL(other.page).searchParams.get('state') ?? '' }, cookie],
      [{ code, state }, other.cookie],
      [{ code, state }, {}],
      [{ code, state }, { cookie: 'tidemark_oidc=%00' }],
    ] as const) {
      expect(problemOf(await answerTo(query as Record<string, string>, headers as Record<string, string>))).toBe('expired');
    }
    expect((await answerTo({ code, state }, cookie)).headers.get('location')).toBe('/monitors?status=failed');
  });

  it('takes an answer once: replayed, it is over; its code in another visit is refused', async () => {
    const { page, cookie } = await begin(server);
    const back = issuer.authorize(page, person('replay'));
    const answers = await Promise.all([1, 2, 3].map(() => visit(server, CALLBACK + back.search, cookie)));
    expect(answers.filter(({ headers }) => headers.get('location') === '/monitors?status=failed')).toHaveLength(1);
    expect(problemOf(await visit(server, CALLBACK + back.search, cookie))).toBe('expired');
    const other = await begin(server);
    const query = new URLSearchParams({
      code: back.searchParams.get('code') ?? '',
      state: new URL(other.page).searchParams.get('state') ?? '',
    });
    expect(problemOf(await visit(server, `${CALLBACK}?${query.toString()}`, other.cookie))).toBe('refused');
  });

  it.each<{ name: string; change: Partial<Visitor> }>([
    { name: 'carries the nonce of another visit', change: { nonce: 'another' } },
    { name: 'has run out', change: { expires_in: -600 } },
    { name: 'is signed by somebody else', change: { is_forged: true } },
    { name: 'has a subject with control characters', change: { claims: { ...person('x').claims, sub: 'x\u0000y' } } },
  ])('refuses an ID token that $name', async ({ change }) => {
    expect(problemOf(await signIn(server, issuer, { ...person('token'), ...change }))).toBe('refused');
  });

  it('refuses a visit that took too long', async () => {
    const { page, cookie } = await begin(server);
    const expires_at = '2001-01-01T00:00:00Z';
    await server.running.core.database.db.updateTable('provider_visit').set({ expires_at }).execute();
    expect(problemOf(await visit(server, CALLBACK + issuer.authorize(page, person('late')).search, cookie))).toBe('expired');
  });

  it('repeats nothing of what the provider or an attacker says', async () => {
    const { page, cookie } = await begin(server, '/');
    const state = new URL(page).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ error: 'access_denied', error_description: '<script>alert(1)</script>', state });
    const answer = await visit(server, `${CALLBACK}?${query.toString()}`, cookie);
    expect(answer.headers.get('location')).toBe('/login?problem=refused');
    expect(answer.text).toBe('');
  });

  it.each(['//evil.example', '/\\evil.example', '/\t/evil.example', '/.//evil.example', 'https://evil.example', 'javascript:alert(1)', ''])(
    'goes to the overview instead of to %j',
    async (next) => {
      const { page, cookie } = await begin(server, next);
      const answer = await visit(server, CALLBACK + issuer.authorize(page, person('next')).search, cookie);
      expect(answer.headers.get('location')).toBe('/');
    },
  );

  it('says that the provider is out of reach, and works when it is back', async () => {
    const { page, cookie } = await begin(server);
    const back = issuer.authorize(page, person('outage'));
    issuer.isDown = true;
    expect(problemOf(await visit(server, CALLBACK + back.search, cookie))).toBe('unavailable');
    issuer.isDown = false;
    expect((await signIn(server, issuer, person('outage'))).headers.get('location')).toBe('/monitors?status=failed');
  });
});

describe('a server with an identity provider', () => {
  it('starts while the provider is down, and asks it again at the next sign-in', async () => {
    await using issuer = await startTestIssuer();
    issuer.isDown = true;
    await using server = await startTestServer('pglite', { config: { auth: 'required', admin_key: KEY, oidc: oidcOf(issuer.url) } });
    await addUser(server, 'ada@example.com', 'admin');
    expect(problemOf(await visit(server, '/v1/session/oidc'))).toBe('unavailable');
    issuer.isDown = false;
    expect((await signIn(server, issuer, person('patient'))).headers.get('location')).toBe('/monitors?status=failed');
  });

  it('takes the role from a claim at every sign-in, also from the user-info endpoint, and keeps the last administrator', async () => {
    await using issuer = await startTestIssuer();
    const mapping = {
      role_claim: 'realm.roles',
      admin_values: ['boss'],
      operator_values: ['ops', 'sre'],
      default_role: null,
      viewer_values: ['all'],
    };
    await using server = await startTestServer('pglite', { config: { auth: 'required', oidc: oidcOf(issuer.url, mapping) } });
    const as = (sub: string, roles: unknown): Promise<Answer> => signIn(server, issuer, person(sub, { realm: { roles } }));
    expect(problemOf(await as('early', ['ops']))).toBe('setup_needed');
    expect(await roleOf(server, await as('boss', ['all', 'boss']))).toBe('admin');
    expect(await roleOf(server, await as('boss', ['ops']))).toBe('admin');
    const first = await as('worker', 'sre');
    expect(await roleOf(server, first)).toBe('operator');
    expect(await roleOf(server, await as('worker', ['all']))).toBe('viewer');
    expect(await roleOf(server, first)).toBeNull();
    for (const roles of [undefined, [], ['toString'], [['boss']], { boss: true }])
      expect(problemOf(await as('worker', roles))).toBe('not_allowed');
    const told = await signIn(server, issuer, {
      claims: { sub: 'quiet' },
      user_info: { ...person('quiet').claims, realm: { roles: ['ops'] } },
    });
    expect(await roleOf(server, told)).toBe('operator');
  });

  it('sets cookies for TLS only when browsers come back over TLS, and leads below its path', async () => {
    await using issuer = await startTestIssuer();
    const oidc = oidcOf(issuer.url, { redirect_url: `https://tidemark.test/base${CALLBACK}` });
    await using server = await startTestServer('pglite', { config: { auth: 'required', admin_key: KEY, base_path: '/base', oidc } });
    await addUser(server, 'ada@example.com', 'admin');
    const answer = await signIn(server, issuer, person('ada'));
    expect(answer.headers.get('location')).toBe('/base/monitors?status=failed');
    expect(answer.headers.getSetCookie().join('\n')).toMatch(
      /__Host-tidemark_session=[0-9a-z]{40}; Path=\/; HttpOnly; SameSite=Strict; Secure; /,
    );
  });

  it('is none without settings: both addresses are unknown', async () => {
    await using server = await startTestServer('pglite');
    for (const path of ['/v1/session/oidc', CALLBACK]) expect((await visit(server, path)).status).toBe(404);
  });
});
