import { createKey, getKey, hasLiveKey, listKeys, revokeKey, rotateKey } from '@tidemark/core/access';
import {
  ApiKey,
  CreateKeyInput,
  CreateKeyOutput,
  GetKeyInput,
  ListKeysInput,
  ListKeysOutput,
  RevokeKeyInput,
  RotateKeyInput,
} from '@tidemark/core/access/contract';
import { invalid } from '@tidemark/core/errors';
import { admin, router } from '../trpc.ts';

/** Answers are parsed here, not only declared: nothing but the contract's fields may leave. */
export const keysRouter = router({
  create: admin({
    method: 'POST',
    path: '/v1/keys',
    status: 201,
    summary: 'Create an API key',
    description:
      'The key is shown in this answer only. While the server is open, the first key must be an admin key, since from then on keys are required.',
    examples: { input: { name: 'build agents', role: 'worker' } },
  })
    .input(CreateKeyInput)
    .output(CreateKeyOutput)
    .mutation(async ({ ctx, input }) => {
      if (ctx.actor.kind === 'open' && input.role !== 'admin' && !(await hasLiveKey(ctx.core, 'admin'))) {
        throw invalid(
          'role',
          'the first key must have the role admin: from then on keys are required, and only an admin key can create more',
        );
      }
      const created = await createKey(ctx.core, input, ctx.actor.id);
      ctx.accessChanged();
      return created;
    }),

  list: admin({ method: 'GET', path: '/v1/keys', summary: 'List API keys, newest first' })
    .input(ListKeysInput)
    .output(ListKeysOutput)
    .query(({ ctx, input }) => listKeys(ctx.core, input)),

  get: admin({ method: 'GET', path: '/v1/keys/{id}', summary: 'Get an API key, without its text' })
    .input(GetKeyInput)
    .output(ApiKey)
    .query(({ ctx, input }) => getKey(ctx.core, input)),

  rotate: admin({
    method: 'POST',
    path: '/v1/keys/{id}/rotate',
    status: 201,
    summary: 'Replace an API key; for a while both work',
    description:
      'The new key may do what the old one may, and is shown in this answer only. Workers of the old key go on under the new one.',
    examples: { input: { overlap_seconds: 3600 } },
  })
    .input(RotateKeyInput)
    .output(CreateKeyOutput)
    .mutation(async ({ ctx, input }) => {
      const created = await rotateKey(ctx.core, input, ctx.actor.id);
      ctx.accessChanged();
      return created;
    }),

  revoke: admin({ method: 'POST', path: '/v1/keys/{id}/revoke', summary: 'Revoke an API key' })
    .input(RevokeKeyInput)
    .output(ApiKey)
    .mutation(async ({ ctx, input }) => {
      const revoked = await revokeKey(ctx.core, input);
      ctx.accessChanged();
      return revoked;
    }),
});
