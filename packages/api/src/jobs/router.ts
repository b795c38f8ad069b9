import { checkpointJob, claimJobs, completeJob, failJob, recordOutput, releaseJob, report } from '@tidemark/core/jobs';
import {
  Accepted,
  CheckpointInput,
  ClaimInput,
  ClaimOutput,
  CompleteInput,
  FailInput,
  OutputInput,
  ReleaseInput,
  ReportInput,
  ReportOutput,
} from '@tidemark/core/jobs/contract';
import { requireOwnJob, requireOwnWorker } from '@tidemark/core/workers';
import { callSignal, router, shape, worker } from '../trpc.ts';
import { workerKeyOf } from '../worker-key.ts';

const JOB = { id: 'job_id' };
const FENCE = 'Refused as LEASE_STALE when `lease_epoch` is not the current one: stop the work then.';

export const jobsRouter = router({
  claim: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/claim',
    summary: 'Lease up to `max` jobs, waiting up to `wait_ms` for the first',
    examples: { input: { worker_id: 'wk_0mb1q2c3d4e5', max: 4, wait_ms: 20_000 } },
  })
    .input(ClaimInput)
    .output(shape(ClaimOutput))
    .mutation(async ({ ctx, input, signal }) => {
      await requireOwnWorker(ctx.core, input.worker_id, workerKeyOf(ctx));
      return claimJobs(ctx.core, input, input.wait_ms === 0 ? signal : callSignal(ctx, signal));
    }),

  report: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/report',
    summary: 'Report up to 500 checkpoints, ends and outputs in one call, and claim the next jobs',
    description: 'Answers one result per item, in the same order; one refused item does not refuse the others.',
    examples: {
      input: {
        worker_id: 'wk_0mb1q2c3d4e5',
        items: [{ op: 'complete', job_id: 'wl_0mb1q2c3d4e5', lease_epoch: 1, exit_code: 0, output: 'ok\n' }],
        claim: { max: 1 },
      },
    },
  })
    .input(ReportInput)
    .output(shape(ReportOutput))
    .mutation(async ({ ctx, input }) => {
      await requireOwnWorker(ctx.core, input.worker_id, workerKeyOf(ctx));
      return report(ctx.core, input);
    }),

  checkpoint: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/{id}/checkpoint',
    params: JOB,
    summary: 'Record progress and renew the lease',
    description: FENCE,
  })
    .input(CheckpointInput)
    .output(shape(Accepted))
    .mutation(async ({ ctx, input }) => {
      await requireOwnJob(ctx.core, input, workerKeyOf(ctx));
      return checkpointJob(ctx.core, input);
    }),

  complete: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/{id}/complete',
    params: JOB,
    summary: 'End a job as completed',
    description: FENCE,
  })
    .input(CompleteInput)
    .output(shape(Accepted))
    .mutation(async ({ ctx, input }) => {
      await requireOwnJob(ctx.core, input, workerKeyOf(ctx));
      return completeJob(ctx.core, input);
    }),

  fail: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/{id}/fail',
    params: JOB,
    summary: 'End a job as failed, or confirm a cancel',
    description: FENCE,
  })
    .input(FailInput)
    .output(shape(Accepted))
    .mutation(async ({ ctx, input }) => {
      await requireOwnJob(ctx.core, input, workerKeyOf(ctx));
      return failJob(ctx.core, input);
    }),

  release: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/{id}/release',
    params: JOB,
    summary: 'Hand a job back without charging an attempt',
    description: FENCE,
  })
    .input(ReleaseInput)
    .output(shape(Accepted))
    .mutation(async ({ ctx, input }) => {
      await requireOwnJob(ctx.core, input, workerKeyOf(ctx));
      return releaseJob(ctx.core, input);
    }),

  output: worker({
    keeps_limits: true,
    method: 'POST',
    path: '/v1/jobs/{id}/output',
    params: JOB,
    summary: 'Append a chunk of live output',
    description: FENCE,
  })
    .input(OutputInput)
    .output(shape(Accepted))
    .mutation(async ({ ctx, input }) => {
      await requireOwnJob(ctx.core, input, workerKeyOf(ctx));
      return recordOutput(ctx.core, input);
    }),
});
