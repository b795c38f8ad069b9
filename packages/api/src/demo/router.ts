import { findDemo } from '@tidemark/core/demo';
import { DemoAnswer } from '@tidemark/core/demo/contract';
import * as z from 'zod';
import { router, shape, viewer } from '../trpc.ts';

export const demoRouter = router({
  find: viewer({ method: 'GET', path: '/v1/demo', summary: 'Whether demo data is loaded, and since when' })
    .input(z.strictObject({}))
    .output(shape(DemoAnswer))
    .query(async ({ ctx }) => ({ demo: await findDemo(ctx.core) })),
});
