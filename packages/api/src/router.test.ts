import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppError, ErrorCode } from '@tidemark/core/errors';
import { actorOf } from './actor.ts';
import { refusalOf } from './errors.ts';
import { ROUTES } from './rest/routes.ts';
import type { Route } from './rest/routes.ts';
import { openTestCore } from './testing/open-test-core.ts';
import type { TestCore } from './testing/open-test-core.ts';
import { roleProblem } from './trpc.ts';
import type { RequiredRole } from './trpc.ts';
import type { Role } from '@tidemark/core/access/contract';

let test: TestCore;

beforeAll(async () => {
  test = await openTestCore();
});
afterAll(() => test[Symbol.asyncDispose]());

const LEASE = { job_id: 'wl_none', lease_epoch: 1 };

/** One input per procedure that fits its schema and that core refuses; procedures without one cannot be refused by core. */
const REFUSED: Record<string, { input: unknown; code: ErrorCode }> = {
  'publishing.videos.get': { input: { id: 'vid_none' }, code: 'NOT_FOUND' },
  'publishing.videos.update': { input: { id: 'vid_none' }, code: 'NOT_FOUND' },
  'publishing.videos.createJob': { input: { id: 'vid_none', kind: 'command' }, code: 'NOT_FOUND' },
  'publishing.videos.listJobs': { input: { id: 'vid_none' }, code: 'NOT_FOUND' },
  'publishing.videos.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'publishing.clips.create': { input: { video_id: 'vid_none', title: 'x' }, code: 'NOT_FOUND' },
  'publishing.clips.get': { input: { id: 'clip_none' }, code: 'NOT_FOUND' },
  'publishing.clips.update': { input: { id: 'clip_none' }, code: 'NOT_FOUND' },
  'publishing.clips.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'publishing.campaigns.create': { input: { name: 'x', clip_ids: ['clip_none'] }, code: 'NOT_FOUND' },
  'publishing.campaigns.get': { input: { id: 'cmp_none' }, code: 'NOT_FOUND' },
  'publishing.campaigns.update': { input: { id: 'cmp_none' }, code: 'NOT_FOUND' },
  'publishing.campaigns.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'publishing.platforms.listAccounts': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'publishing.publications.create': { input: { clip_id: 'clip_none', platform: 'tiktok', social_account_id: 'a' }, code: 'NOT_FOUND' },
  'publishing.publications.get': { input: { id: 'pub_none' }, code: 'NOT_FOUND' },
  'publishing.publications.update': { input: { id: 'pub_none' }, code: 'NOT_FOUND' },
  'publishing.publications.cancel': { input: { id: 'pub_none' }, code: 'NOT_FOUND' },
  'publishing.publications.retry': { input: { id: 'pub_none' }, code: 'NOT_FOUND' },
  'publishing.publications.reportResult': { input: { id: 'pub_none', external_id: 'x' }, code: 'NOT_FOUND' },
  'publishing.publications.beginSend': { input: LEASE, code: 'LEASE_STALE' },
  'publishing.publications.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'publishing.stats.queue': { input: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, code: 'VALIDATION' },
  'workloads.get': { input: { id: 'wl_none' }, code: 'NOT_FOUND' },
  'workloads.update': { input: { id: 'wl_none', status: 'running' }, code: 'NOT_FOUND' },
  'workloads.cancel': { input: { id: 'wl_none' }, code: 'NOT_FOUND' },
  'workloads.retry': { input: { id: 'wl_none' }, code: 'NOT_FOUND' },
  'workloads.live': { input: { id: 'wl_none' }, code: 'NOT_FOUND' },
  'workloads.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'workers.heartbeat': { input: { worker_id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.get': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.sessions': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.drain': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.resume': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.quarantine': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.unquarantine': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.forget': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.live': { input: { id: 'wk_none' }, code: 'NOT_FOUND' },
  'workers.history': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'workers.historyOf': { input: { worker_id: 'wk_none', cursor: 'zzzz' }, code: 'VALIDATION' },
  'workers.throughput': { input: { bucket: 'second', from: '2020-01-01T00:00:00Z', to: '2024-01-01T00:00:00Z' }, code: 'VALIDATION' },
  'workers.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'jobs.claim': { input: { worker_id: 'wk_none' }, code: 'NOT_FOUND' },
  'jobs.checkpoint': { input: LEASE, code: 'NOT_FOUND' },
  'jobs.complete': { input: LEASE, code: 'NOT_FOUND' },
  'jobs.fail': { input: { ...LEASE, error: 'x', retryable: false }, code: 'NOT_FOUND' },
  'jobs.release': { input: LEASE, code: 'NOT_FOUND' },
  'jobs.output': { input: { ...LEASE, seq: 0, text: 'x' }, code: 'NOT_FOUND' },
  'queues.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'keys.create': { input: { name: 'x', role: 'viewer', expires_at: '2001-01-01T00:00:00Z' }, code: 'VALIDATION' },
  'keys.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'keys.get': { input: { id: 'key_none' }, code: 'NOT_FOUND' },
  'keys.rotate': { input: { id: 'key_none' }, code: 'NOT_FOUND' },
  'users.get': { input: { id: 'usr_none' }, code: 'NOT_FOUND' },
  'users.list': { input: { cursor: 'zzzz' }, code: 'VALIDATION' },
  'users.update': { input: { id: 'usr_none' }, code: 'NOT_FOUND' },
  'users.setPassword': { input: { id: 'usr_none', password: 'a long password' }, code: 'NOT_FOUND' },
  'session.signIn': { input: { email: 'nobody@example.com', password: 'x' }, code: 'UNAUTHORIZED' },
  'session.list': { input: {}, code: 'FORBIDDEN' },
  'session.revoke': { input: { id: 'ses_none' }, code: 'FORBIDDEN' },
  'session.changePassword': { input: { current_password: 'x', new_password: 'a long password' }, code: 'FORBIDDEN' },
  'setup.complete': { input: { token: 'x', email: 'a@example.com', password: 'a long password' }, code: 'UNAUTHORIZED' },
  'keys.revoke': { input: { id: 'key_none' }, code: 'NOT_FOUND' },
};

/** What asks for a key; the rest is for everybody: pings by their own key, and what is marked public. */
const CLOSED = ROUTES.map(({ name, meta }): [string, RequiredRole] => [name, meta.role]).filter(([, role]) => role !== 'public');

function routeOf(name: string): Route {
  const route = ROUTES.find((candidate) => candidate.name === name);
  if (route === undefined) throw new Error(`no procedure ${name}`);
  return route;
}

async function refusal(route: Route, role: Role | null, input: unknown): Promise<AppError> {
  const ctx = test.context(role);
  const signal = AbortSignal.timeout(60_000);
  try {
    await route.call({ ctx, path: route.name, type: route.type, getRawInput: () => Promise.resolve(input), signal, batchIndex: 0 });
  } catch (error) {
    return refusalOf(error, ctx);
  }
  throw new Error(`${route.name} accepted ${JSON.stringify(input)}`);
}

describe('every procedure', () => {
  it('has a REST path of its own, a summary, and a shape of its answer', () => {
    const paths = ROUTES.map(({ meta }) => `${meta.method} ${meta.path.replaceAll(/\{[^}]+\}/g, '{}')}`);
    expect(new Set(paths).size).toBe(ROUTES.length);
    for (const { name, meta, type, output } of ROUTES) {
      expect(meta.path, name).toMatch(/^\/(v1|api|dashboard)(\/([a-z-]+(\.(csv|xlsx|jsonl))?|\{[a-z_]+\}))+$/);
      expect(meta.summary, name).toMatch(/^[A-Z].{5,}[^.]$/);
      expect(type === 'subscription' || output !== null, `${name} has an output`).toBe(true);
    }
  });

  it('reads with GET and changes with another method', () => {
    for (const { name, meta, type } of ROUTES) expect(meta.method === 'GET', name).toBe(type !== 'mutation');
  });

  it('finds each parameter of its path in its input', () => {
    for (const { name, meta, segments, input } of ROUTES) {
      const fields = segments
        .filter((segment) => segment.startsWith('{'))
        .map((segment) => meta.params?.[segment.slice(1, -1)] ?? segment.slice(1, -1));
      const known = input !== null && 'shape' in input.def ? Object.keys(input.def.shape as object) : [];
      for (const field of fields) expect(known, name).toContain(field);
    }
  });

  it.each(CLOSED.map(([name]) => name))('%s refuses a caller without a key before it looks at the input', async (name) => {
    expect((await refusal(routeOf(name), null, { nonsense: true })).code).toBe('UNAUTHORIZED');
  });

  it.each(CLOSED)('%s refuses roles below %s', async (name, required) => {
    const actor = (role: Role) => actorOf({ kind: 'key', id: 'key_x', role });
    const refused = (['viewer', 'operator', 'admin', 'worker'] as const).filter((role) => roleProblem(actor(role), required) !== null);
    expect(refused.length).toBeGreaterThan(0);
    for (const role of refused) expect((await refusal(routeOf(name), role, {})).code).toBe('FORBIDDEN');
  });

  it.each(ROUTES.map(({ name }) => name))('%s refuses an unknown field by name', async (name) => {
    const error = await refusal(routeOf(name), 'admin', { ...(REFUSED[name]?.input as object), surprise: 1 });
    expect(error.code).toBe('VALIDATION');
    expect(
      error.issues?.some(({ path }) => path === 'surprise'),
      JSON.stringify(error.issues),
    ).toBe(true);
  });

  it.each(Object.entries(REFUSED))('%s passes on what core refuses', async (name, { input, code }) => {
    expect((await refusal(routeOf(name), 'admin', input)).code).toBe(code);
  });
});

/** What counts what the log has and nobody counted yet, before it answers: the same rows that the background writes. */
const COUNTING = ['workloads.series', 'failures.list'];

describe('a query', () => {
  const allow = (mode: 'only' | 'write') =>
    test.core.database.writers[0]?.run(
      { name: `transactions_read_${mode}`, text: `set session characteristics as transaction read ${mode}` },
      [],
    );

  async function codeOf(route: Route, input: unknown): Promise<ErrorCode | null> {
    const ctx = test.context('admin');
    const call = { ctx, path: route.name, type: route.type, getRawInput: () => Promise.resolve(input), signal: undefined, batchIndex: 0 };
    return route.call(call).then(
      () => null,
      (error: unknown) => refusalOf(error, ctx).code,
    );
  }

  it('changes nothing: all but those that count the log answer on a database that takes no writes', async () => {
    const { id } = await test.caller('operator').workloads.create({ kind: 'command' });
    const monitor = await test.caller('operator').monitors.create({ name: 'Shop', url: 'https://example.com', status: 'paused' });
    const inputs = [{}, { id }, { id: monitor.id }, { test_id: monitor.id }];
    const broken = new Set<string>();
    const answered = new Set<string>();
    await allow('only');
    try {
      expect(await codeOf(routeOf('workloads.create'), { kind: 'command' })).toMatch(/INTERNAL|UNAVAILABLE/);
      for (const route of ROUTES.filter(({ type }) => type === 'query')) {
        for (const input of [...inputs, REFUSED[route.name]?.input ?? {}]) {
          const code = await codeOf(route, input);
          if (code === null) answered.add(route.name);
          if (code === 'INTERNAL' || code === 'UNAVAILABLE') broken.add(route.name);
        }
      }
    } finally {
      await allow('write');
    }
    expect([...broken].toSorted()).toEqual(COUNTING.toSorted());
    // Refusing everything would be no proof.
    expect(answered.size).toBeGreaterThan(ROUTES.filter(({ type }) => type === 'query').length / 2);
  });
});

describe('the in-process caller', () => {
  it('works like any other client', async () => {
    const made = await test.caller('operator').workloads.create({ kind: 'command' });
    const read = await test.caller('viewer').workloads.get({ id: made.id });
    expect(read).toMatchObject({ id: made.id, status: 'pending', payload: {} });
    const list = await test.caller('viewer').workloads.list({ limit: 1 });
    expect(list.items.map(({ id }) => id)).toEqual([made.id]);
    expect((await test.caller('viewer').workloads.stats({})).total).toBe(2);
    expect((await test.caller('viewer').workloads.series({})).bucket).toBe('minute');
  });

  it.each(['workloads.list', 'workloads.stats', 'monitors.list', 'dashboard.get', 'publishing.stats.queue', 'workers.list'])(
    '%s may be called with nothing, as with no field',
    async (name) => {
      const ask = (input: unknown): Promise<unknown> => {
        const call = { ctx: test.context('viewer'), path: name, type: 'query' as const, signal: undefined, batchIndex: 0 };
        return routeOf(name).call({ ...call, getRawInput: () => Promise.resolve(input) });
      };
      expect(await ask(undefined)).toEqual(await ask({}));
      await expect(ask(null)).rejects.toThrow();
    },
  );

  it('answers a report item by item', async () => {
    const { worker_id } = await test
      .caller('worker')
      .workers.register({ name: 'w', worker_type: 't', version: '1', isolations: ['process'], kinds: ['report'], slots: 1 });
    const { results } = await test.caller('worker').jobs.report({ worker_id, items: [{ op: 'complete', ...LEASE }] });
    expect(results).toMatchObject([{ job_id: 'wl_none', ok: false, code: 'NOT_FOUND' }]);
  });
});
