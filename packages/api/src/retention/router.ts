import { getRetention, runRetention, setRetention } from '@tidemark/core/retention';
import { Retention, RetentionReport, RunRetentionInput, SetRetentionInput } from '@tidemark/core/retention/contract';
import * as z from 'zod';
import { admin, router, shape, viewer } from '../trpc.ts';

export const retentionRouter = router({
  get: viewer({ method: 'GET', path: '/v1/settings/retention', summary: 'Get what is kept, and for how long' })
    .input(z.strictObject({}))
    .output(shape(Retention))
    .query(({ ctx }) => getRetention(ctx.core)),

  set: admin({
    method: 'PUT',
    path: '/v1/settings/retention',
    summary: 'Set what is kept, and for how long',
    description: 'Replaces the rules given, keeps the others. Preview with a dry run.',
    examples: { input: { completed: { max_age_days: 14, max_count: 100_000 } } },
  })
    .input(SetRetentionInput)
    .output(shape(Retention))
    .mutation(({ ctx, input }) => setRetention(ctx.core, input)),

  run: admin({
    method: 'POST',
    path: '/v1/settings/retention/run',
    summary: 'Remove what is no longer kept, or count it',
    description: 'A dry run (the default) counts by the same conditions and removes nothing.',
    examples: { input: { dry_run: true } },
  })
    .input(RunRetentionInput)
    .output(shape(RetentionReport))
    .mutation(({ ctx, input }) => runRetention(ctx.core, input)),
});
