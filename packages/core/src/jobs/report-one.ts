import { AppError, type ErrorCode } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Accepted, CheckpointInput, CompleteInput, FailInput, OutputInput, ReleaseInput, ReportItem } from './contract.ts';
import { applyReports } from './report.ts';

async function one(ctx: CoreContext, item: ReportItem): Promise<Accepted> {
  const { results } = await applyReports(ctx, { worker: null, items: [item], claim: null });
  const [result] = results;
  if (result?.ok === true) return { job_id: item.job_id, ok: true };
  throw new AppError(
    (result?.code ?? 'INTERNAL') as ErrorCode,
    result?.message ?? 'The report was not answered.',
    result?.data === undefined ? {} : { data: result.data },
  );
}

/** Stores the cursor and progress and extends the lease. @throws {AppError} LEASE_STALE, NOT_FOUND */
export function checkpointJob(ctx: CoreContext, input: CheckpointInput): Promise<Accepted> {
  return one(ctx, { op: 'checkpoint', ...input });
}

/** Completes the job. @throws {AppError} LEASE_STALE, NOT_FOUND */
export function completeJob(ctx: CoreContext, input: CompleteInput): Promise<Accepted> {
  return one(ctx, { op: 'complete', ...input });
}

/** Fails the attempt; the job is retried when it may be. @throws {AppError} LEASE_STALE, NOT_FOUND */
export function failJob(ctx: CoreContext, input: FailInput): Promise<Accepted> {
  return one(ctx, { op: 'fail', ...input });
}

/** Hands the job back with its checkpoint; charges no attempt. @throws {AppError} LEASE_STALE, NOT_FOUND */
export function releaseJob(ctx: CoreContext, input: ReleaseInput): Promise<Accepted> {
  return one(ctx, { op: 'release', ...input });
}

/** Appends one chunk of live output. @throws {AppError} LEASE_STALE, NOT_FOUND */
export function recordOutput(ctx: CoreContext, input: OutputInput): Promise<Accepted> {
  return one(ctx, { op: 'output', ...input });
}
