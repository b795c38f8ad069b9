import type { OpenedSession } from '@tidemark/core/sessions';
import type { SignedIn } from '@tidemark/core/sessions/contract';
import type { ApiContext } from '../trpc.ts';

/** Hands the token to the browser as a cookie; the answer itself never carries it. */
export function keepSession(ctx: ApiContext, { token, ...opened }: OpenedSession): SignedIn {
  ctx.cookie.keep(token, opened.expires_at);
  ctx.accessChanged();
  return opened;
}
