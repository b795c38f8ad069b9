import { createCore } from '@tidemark/core/engine';
import type { Core } from '@tidemark/core/engine';
import { createTestDatabase } from '@tidemark/core/testing';
import type { Role } from '@tidemark/core/access/contract';
import { appRouter } from '../router.ts';
import { actorOf } from '../actor.ts';
import type { ApiContext } from '../trpc.ts';

export interface TestCore extends AsyncDisposable {
  readonly core: Core;
  /** A caller of the given role; null is one without a key. */
  context(role: Role | null): ApiContext;
  caller(role: Role | null): ReturnType<typeof appRouter.createCaller>;
}

/** The real engine on an embedded database, called without HTTP. */
export async function openTestCore(): Promise<TestCore> {
  const database = await createTestDatabase('pglite');
  const core = await createCore({ database: database.handle });
  core.start();
  const draining = new AbortController();
  const context = (role: Role | null): ApiContext => {
    const actor =
      role === null
        ? actorOf({ kind: 'anonymous', id: null, role })
        : actorOf({ kind: 'key', id: `key_${role}`, role, key_family: `key_${role}` });
    return {
      core,
      actor,
      request: { id: 'test', route: 'other' },
      client: { address: '127.0.0.1', user_agent: null },
      cookie: { keep: () => undefined, drop: () => undefined },
      has_oidc: false,
      limit: null,
      network: { allow_at_start: [], cors_origins_at_start: [], wouldAllow: () => true, changed: () => Promise.resolve() },
      log: core.log,
      draining: draining.signal,
      holdOpen: () => undefined,
      accessLost: () => new AbortController().signal,
      accessChanged: () => undefined,
    };
  };
  return {
    core,
    context,
    caller: (role) => appRouter.createCaller(context(role)),
    [Symbol.asyncDispose]: async () => {
      draining.abort();
      await core.stop();
      await database.close();
    },
  };
}
