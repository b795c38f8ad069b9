import type { ApiContext, ProviderVisitor } from '@tidemark/api/server';
import { returnFromProvider, visitProvider } from '@tidemark/api/server';
import { notFound } from '@tidemark/core/errors';
import type { IdentityProvider } from '@tidemark/core/ports';
import { VISIT_MINUTES } from '@tidemark/core/sessions/contract';
import type { ServerResponse } from 'node:http';
import { cookieOf, SECURE_PREFIX, sessionCookieOf } from './session-cookie.ts';

const PATH = '/v1/session/oidc';
export const PROVIDER_PATHS = { visit: PATH, answer: `${PATH}/callback` } as const;

/** What the browser and its connection bring. */
interface Arrival {
  readonly request: Request;
  readonly outgoing: ServerResponse;
  readonly base_path: string;
  readonly provider: IdentityProvider | null;
}

/** The ticket crosses over from the provider's site, so its cookie is lax where that of the session is strict. */
function visitorOf({ request, outgoing }: Arrival, provider: IdentityProvider): ProviderVisitor {
  const name = `${provider.is_secure ? SECURE_PREFIX : ''}tidemark_oidc`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${provider.is_secure ? '; Secure' : ''}`;
  return {
    provider,
    ticket: cookieOf(request.headers, name),
    keepTicket: (ticket) => outgoing.appendHeader('set-cookie', `${name}=${ticket}; ${attributes}; Max-Age=${VISIT_MINUTES * 60}`),
    dropTicket: () => outgoing.appendHeader('set-cookie', `${name}=; ${attributes}; Max-Age=0`),
  };
}

/** Sends a browser to the identity provider, and takes it back. */
export async function providerAnswer(ctx: ApiContext, arrival: Arrival): Promise<Response> {
  const { provider, request, outgoing, base_path } = arrival;
  const { pathname, searchParams } = new URL(request.url);
  ctx.request.route = pathname;
  if (provider === null) throw notFound('sign-in method', 'oidc');
  const visitor = visitorOf(arrival, provider);
  // A browser that comes from another site names no origin: whether it came over TLS is known from where the provider sends it.
  const inCtx = { ...ctx, cookie: sessionCookieOf(outgoing, provider.is_secure) };
  const location =
    pathname === PROVIDER_PATHS.answer
      ? await returnFromProvider(inCtx, visitor, searchParams)
      : await visitProvider(inCtx, visitor, searchParams.get('next'));
  const isInside = location.startsWith('/') && !location.startsWith(`${base_path}/`);
  return new Response(null, {
    status: 302,
    headers: { location: isInside ? `${base_path}${location}` : location, 'cache-control': 'no-store' },
  });
}
