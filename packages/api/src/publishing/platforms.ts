import { getPlatform, listAccounts, listPlatforms, setAccount, setPlatform } from '@tidemark/core/platforms';
import {
  ListAccountsInput,
  ListAccountsOutput,
  ListPlatformsInput,
  ListPlatformsOutput,
  Platform,
  PlatformInput,
  SetAccountInput,
  SetPlatformInput,
  SocialAccount,
} from '@tidemark/core/platforms/contract';
import { admin, operator, router, shape, viewer } from '../trpc.ts';

export const platformsRouter = router({
  list: viewer({ method: 'GET', path: '/v1/platforms', summary: 'List the four platforms and how they are reached' })
    .input(ListPlatformsInput)
    .output(shape(ListPlatformsOutput))
    .query(({ ctx }) => listPlatforms(ctx.core)),
  get: viewer({ method: 'GET', path: '/v1/platforms/{platform}', summary: 'Get a platform' })
    .input(PlatformInput)
    .output(shape(Platform))
    .query(({ ctx, input }) => getPlatform(ctx.core, input)),
  set: admin({
    method: 'PUT',
    path: '/v1/platforms/{platform}',
    summary: 'Say how a platform is reached',
    description: 'Replaces all settings; only the secret stays when it is left out. The named host may be a private one.',
    examples: { input: { connector: 'webhook', url: 'https://publisher.example/tiktok', rate_per_minute: 30, concurrency: 4 } },
  })
    .input(SetPlatformInput)
    .output(shape(Platform))
    .mutation(({ ctx, input }) => setPlatform(ctx.core, input)),
  listAccounts: viewer({ method: 'GET', path: '/v1/social-accounts', summary: 'List social accounts' })
    .input(ListAccountsInput)
    .output(shape(ListAccountsOutput))
    .query(({ ctx, input }) => listAccounts(ctx.core, input)),
  setAccount: operator({
    method: 'PUT',
    path: '/v1/platforms/{platform}/accounts/{id}',
    summary: 'Name, pause or reactivate a social account',
    description: 'An account is paused by itself when its platform refuses its credentials.',
  })
    .input(SetAccountInput)
    .output(shape(SocialAccount))
    .mutation(({ ctx, input }) => setAccount(ctx.core, input)),
});
