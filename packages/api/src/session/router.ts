import { changePassword, endSession, listSessions, signIn } from '@tidemark/core/sessions';
import {
  ChangePasswordInput,
  GetSessionInput,
  ListSessionsInput,
  ListSessionsOutput,
  RevokeSessionInput,
  RevokeSessionOutput,
  SessionState,
  SignedIn,
  SignInInput,
  SignOutInput,
  SignOutOutput,
} from '@tidemark/core/sessions/contract';
import { AppError } from '@tidemark/core/errors';
import { getPosition } from '@tidemark/core/events';
import { getUser, hasUser } from '@tidemark/core/users';
import { publicRoute, roleProblem, router, viewer } from '../trpc.ts';
import type { ApiContext } from '../trpc.ts';
import { keepSession } from './keep-session.ts';

const STATES = { open: 'open', anonymous: 'anonymous', user: 'signed_in', key: 'key' } as const;

/** The person who calls. @throws {AppError} FORBIDDEN for keys, which have no sessions */
function personOf(ctx: ApiContext): { user_id: string; session_id: string } {
  const { kind, id, session_id } = ctx.actor;
  if (kind === 'user' && id !== null && session_id !== null) return { user_id: id, session_id };
  throw new AppError('FORBIDDEN', 'This is about the sessions of a person who signed in; keys have none.');
}

/** Answers are parsed here, not only declared: nothing but the contract's fields may leave. */
export const sessionRouter = router({
  get: publicRoute({
    method: 'GET',
    path: '/v1/session',
    summary: 'Who is calling, and how to sign in',
    description: 'For everybody: the console asks it first. `is_setup_needed` says that nobody has an account yet.',
  })
    .input(GetSessionInput)
    .output(SessionState)
    .query(async ({ ctx }) => {
      const { kind, id, role, session_id, sees_payloads } = ctx.actor;
      // Read first: whatever is read after this answer is as new as this position, or newer.
      const live_position = roleProblem(ctx.actor, 'viewer') === null ? await getPosition(ctx.core) : null;
      return {
        state: STATES[kind],
        role,
        sees_payloads,
        session_id,
        user: kind === 'user' && id !== null ? await getUser(ctx.core, { id }) : null,
        is_setup_needed: !(await hasUser(ctx.core)),
        sign_in_methods: ctx.has_oidc ? ['password' as const, 'oidc' as const] : ['password' as const],
        live_position,
      };
    }),

  signIn: publicRoute({
    method: 'POST',
    path: '/v1/session',
    status: 201,
    rate_class: 'auth',
    sets_cookie: true,
    summary: 'Sign in with e-mail and password',
    description:
      'Sets the session cookie. Unknown, disabled and mistyped are one answer; after ten wrong tries for an account from one address it is RATE_LIMITED for up to 15 minutes.',
    examples: { input: { email: 'ada@example.com', password: 'correct horse battery' } },
  })
    .input(SignInInput)
    .output(SignedIn)
    .mutation(async ({ ctx, input }) => keepSession(ctx, await signIn(ctx.core, input, ctx.client))),

  signOut: publicRoute({
    method: 'DELETE',
    path: '/v1/session',
    sets_cookie: true,
    summary: 'Sign out',
    description: 'Ends the session of the cookie, if there is one, and clears the cookie.',
  })
    .input(SignOutInput)
    .output(SignOutOutput)
    .mutation(async ({ ctx }) => {
      const { id, session_id } = ctx.actor;
      if (id !== null && session_id !== null) await endSession(ctx.core, { id: session_id, user_id: id, reason: 'signed_out' });
      ctx.cookie.drop();
      ctx.accessChanged();
      return { signed_out: true as const };
    }),

  changePassword: viewer({
    method: 'PUT',
    path: '/v1/session/password',
    sets_cookie: true,
    summary: 'Change your own password',
    description: 'Ends all your sessions and starts a new one here.',
  })
    .input(ChangePasswordInput)
    .output(SignedIn)
    .mutation(async ({ ctx, input }) => {
      const { user_id } = personOf(ctx);
      return keepSession(ctx, await changePassword(ctx.core, { ...input, user_id }, ctx.client));
    }),

  list: viewer({ method: 'GET', path: '/v1/sessions', summary: 'List where you are signed in' })
    .input(ListSessionsInput)
    .output(ListSessionsOutput)
    .query(({ ctx }) => listSessions(ctx.core, personOf(ctx))),

  revoke: viewer({ method: 'DELETE', path: '/v1/sessions/{id}', summary: 'End one of your sessions' })
    .input(RevokeSessionInput)
    .output(RevokeSessionOutput)
    .mutation(async ({ ctx, input }) => {
      const { user_id } = personOf(ctx);
      const ended = await endSession(ctx.core, { id: input.id, user_id, reason: 'revoked' });
      ctx.accessChanged();
      return ended;
    }),
});
