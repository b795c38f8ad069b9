import { deleteSecret, listSecrets, revealSecrets, rotateSecrets, setSecret } from '@tidemark/core/secrets';
import {
  DeleteSecretInput,
  DeleteSecretOutput,
  ListSecretsInput,
  ListSecretsOutput,
  RevealSecretsInput,
  RevealSecretsOutput,
  RotateSecretsInput,
  RotateSecretsOutput,
  Secret,
  SetSecretInput,
} from '@tidemark/core/secrets/contract';
import { requireOwnJob } from '@tidemark/core/workers';
import { admin, operator, router, worker } from '../trpc.ts';
import { setDescriber } from '../audited.ts';
import { workerKeyOf } from '../worker-key.ts';

// Which values left, never the values.
setDescriber('secrets.reveal', (answer) => ({ names: Object.keys((answer as RevealSecretsOutput).values) }));

/** Answers are parsed here, not only declared: nothing but the contract's fields may leave. */
export const secretsRouter = router({
  list: operator({ method: 'GET', path: '/v1/secrets', summary: 'Names of secrets, without their values' })
    .input(ListSecretsInput)
    .output(ListSecretsOutput)
    .query(async ({ ctx }) => ({ items: await listSecrets(ctx.core), next_cursor: null })),

  set: admin({
    method: 'PUT',
    path: '/v1/secrets/{name}',
    summary: 'Create a secret, or replace its value',
    description:
      'The value is sealed before it is stored and never shown again. Payloads, monitor steps and connectors refer to it as {{secret.NAME}}.',
    examples: { input: { value: 'a long random token' } },
  })
    .input(SetSecretInput)
    .output(Secret)
    .mutation(({ ctx, input }) => setSecret(ctx.core, input)),

  delete: admin({ method: 'DELETE', path: '/v1/secrets/{name}', summary: 'Delete a secret' })
    .input(DeleteSecretInput)
    .output(DeleteSecretOutput)
    .mutation(({ ctx, input }) => deleteSecret(ctx.core, input)),

  rotate: admin({
    method: 'POST',
    path: '/v1/secrets/rotate',
    summary: 'Seal all secrets anew with the first key',
    description: 'Afterwards older keys can be taken out of TIDEMARK_SECRET_KEY.',
  })
    .input(RotateSecretsInput)
    .output(RotateSecretsOutput)
    .mutation(({ ctx }) => rotateSecrets(ctx.core)),

  reveal: worker({
    method: 'POST',
    path: '/v1/jobs/{id}/secrets',
    params: { id: 'job_id' },
    summary: 'The values that the payload of a job refers to',
    description: 'For the worker that holds the job. Refused as LEASE_STALE when `lease_epoch` is not the current one.',
    audit: 'counted',
  })
    .input(RevealSecretsInput)
    .output(RevealSecretsOutput)
    .mutation(async ({ ctx, input }) => {
      await requireOwnJob(ctx.core, input, workerKeyOf(ctx));
      return revealSecrets(ctx.core, input);
    }),
});
