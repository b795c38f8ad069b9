import { checkSetup, completeSetup } from '@tidemark/core/setup';
import { CheckSetupInput, CheckSetupOutput, CompleteSetupInput } from '@tidemark/core/setup/contract';
import { SignedIn } from '@tidemark/core/sessions/contract';
import { publicRoute, router, shape } from '../trpc.ts';
import { keepSession } from '../session/keep-session.ts';

export const setupRouter = router({
  check: publicRoute({
    audit: 'refusals',
    method: 'POST',
    path: '/v1/setup/check',
    rate_class: 'auth',
    summary: 'Whether a set-up link still works',
    description: 'NOT_FOUND once somebody has an account.',
  })
    .input(CheckSetupInput)
    .output(shape(CheckSetupOutput))
    .mutation(({ ctx, input }) => checkSetup(ctx.core, input)),

  complete: publicRoute({
    method: 'POST',
    path: '/v1/setup',
    status: 201,
    rate_class: 'auth',
    sets_cookie: true,
    summary: 'Make the first account with the link printed at start',
    description:
      'An administrator. Signs in at once. Of several at once one succeeds, the others are a CONFLICT; afterwards it is NOT_FOUND.',
  })
    .input(CompleteSetupInput)
    .output(SignedIn)
    .mutation(async ({ ctx, input }) => keepSession(ctx, await completeSetup(ctx.core, input, ctx.client))),
});
