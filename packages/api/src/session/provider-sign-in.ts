import { AppError } from '@tidemark/core/errors';
import type { IdentityProvider } from '@tidemark/core/ports';
import { beginProviderVisit, safeNext, signInByProvider, takeProviderVisit } from '@tidemark/core/sessions';
import { ProviderProblem, type SignedIn } from '@tidemark/core/sessions/contract';
import { audited } from '../audited.ts';
import { refusalOf } from '../errors.ts';
import type { ApiContext } from '../trpc.ts';
import { keepSession } from './keep-session.ts';

/** The browser that goes to the provider and comes back. */
export interface ProviderVisitor {
  readonly provider: IdentityProvider;
  /** What the browser keeps of its visit. */
  readonly ticket: string | null;
  keepTicket(ticket: string): void;
  dropTicket(): void;
}

/** How the sign-in stands in the audit log, beside `session.signIn`. */
const AUDITED = {
  name: 'session.signInByProvider',
  meta: { method: 'GET', path: '/v1/session/oidc/callback', role: 'public', summary: 'Sign in through the identity provider' },
} as const;

function problemOf({ code, data }: AppError): ProviderProblem {
  if (code === 'RATE_LIMITED') return 'busy';
  if (code === 'UNAVAILABLE') return 'unavailable';
  if (code === 'CONFLICT') return 'taken';
  return ProviderProblem.safeParse(data?.['reason']).data ?? 'failed';
}

/** The sign-in page with a reason out of a fixed list: nothing that came in goes out again. */
function signInPage(ctx: ApiContext, error: unknown, next: string): string {
  const refusal = refusalOf(error, ctx);
  const problem = problemOf(refusal);
  const cause = refusal.cause instanceof Error ? refusal.cause : null;
  if (cause !== null)
    ctx.log.error({ request_id: ctx.request.id, problem, err: cause.message }, 'a sign-in through the identity provider failed');
  return `/login?${new URLSearchParams({ problem, ...(next === '/' ? {} : { next }) }).toString()}`;
}

/** Where the browser goes to sign in; the sign-in page when that cannot be told. */
export async function visitProvider(ctx: ApiContext, visitor: ProviderVisitor, wanted: string | null): Promise<string> {
  const next = safeNext(wanted);
  try {
    if (ctx.limit !== null) await ctx.limit('auth');
    const { ticket, secrets } = await beginProviderVisit(ctx.core, next);
    const url = await visitor.provider.authorizationUrl(secrets);
    visitor.keepTicket(ticket);
    return url;
  } catch (error) {
    return signInPage(ctx, error, next);
  }
}

/** Signs in whom the provider sent back, and tells where they wanted to go; the sign-in page when it may not be. */
export async function returnFromProvider(ctx: ApiContext, visitor: ProviderVisitor, answer: URLSearchParams): Promise<string> {
  let next = '/';
  const run = async (): Promise<SignedIn> => {
    const visit = await takeProviderVisit(ctx.core, { ticket: visitor.ticket, state: answer.get('state') });
    if (visit === null) throw new AppError('UNAUTHORIZED', 'This sign-in is over. Begin again.', { data: { reason: 'expired' } });
    visitor.dropTicket();
    ({ next } = visit);
    const identity = await visitor.provider.identify(answer, visit.secrets);
    return keepSession(ctx, await signInByProvider(ctx.core, identity, ctx.client));
  };
  try {
    if (ctx.limit !== null) await ctx.limit('auth');
    await audited(ctx, AUDITED, { input: {}, run, answerOf: (signedIn) => signedIn });
    return next;
  } catch (error) {
    return signInPage(ctx, error, next);
  }
}
