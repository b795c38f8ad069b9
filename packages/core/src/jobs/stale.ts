import { AppError } from '../errors.ts';
import type { StatementRunner } from '../ports/index.ts';
import { INSPECT } from './note-statement.ts';

export interface Inspection {
  ord: number;
  id: string | null;
  status: string | null;
  status_reason: string | null;
  lease_epoch: number | null;
  cancel_requested_at: string | null;
  lease_worker: string | null;
  last_request_id: string | null;
  output_seq: number | null;
  open_epoch: number | null;
  outcome: string | null;
  closed_request_id: string | null;
  /** Of the attempt that was closed under this epoch; without one they say nothing. */
  closed_exit_code: number | null;
  closed_error: string | null;
}

/** A report as it is held against the one that ended its lease. */
export interface Ending {
  readonly id: string;
  readonly epoch: number;
  readonly worker: string | null;
  readonly request_id: string | null;
  /** What it may have ended the lease as; none for a report that ends none. */
  readonly outcomes: readonly string[];
  readonly exit_code?: number | null;
  readonly error?: string | null;
}

/** Reads once what became of these leases, in the order asked. */
export function inspectLeases(runner: StatementRunner, jobs: readonly { id: string; epoch: number }[]): Promise<Inspection[]> {
  return runner.run<Inspection>(INSPECT, [jobs.map((job) => job.id), jobs.map((job) => job.epoch)]);
}

function reasonOf(found: Inspection, epoch: number, worker: string | null): string {
  if (found.lease_epoch !== null && epoch > found.lease_epoch) return 'unknown_epoch';
  if (found.open_epoch === epoch && worker !== null && found.lease_worker !== worker) return 'other_worker';
  if (found.lease_epoch !== null && epoch < found.lease_epoch) return found.outcome ?? 'superseded';
  return found.outcome ?? found.status_reason ?? found.status ?? 'gone';
}

/** Words for the reasons a lease can be stale. */
const WORDS: Readonly<Record<string, string>> = {
  unknown_epoch: 'no lease with this epoch was ever granted',
  other_worker: 'the lease belongs to another worker',
  superseded: 'the lease was taken over',
  completed: 'it was already completed under this lease',
  failed: 'it already failed under this lease',
  timeout: 'its time was up',
  released: 'it was handed back',
  lease_expired: 'the lease ran out',
  cancelled: 'it was cancelled',
  unconfirmed: 'its cancel was not confirmed in time',
  revoked: 'the lease was revoked by an update',
};

/**
 * What is owed to a report that found no open lease: null when it is the one that ended the lease, told again; else the refusal.
 * Looked at behind the statement only, so that an accepted report costs nothing more.
 */
export function refusalOfEnding(found: Inspection | undefined, ending: Ending): AppError | null {
  const outcome = found?.outcome ?? null;
  if (ending.request_id === null || outcome === null || found?.closed_request_id !== ending.request_id) return staleError(found, ending);
  const { exit_code: exitCode = found.closed_exit_code, error = found.closed_error } = ending;
  if (ending.outcomes.includes(outcome) && exitCode === found.closed_exit_code && error === found.closed_error) return null;
  return new AppError(
    'CONFLICT',
    `Another report with this request_id ended lease ${ending.epoch} of job ${ending.id} as ${outcome}. Give each report a request_id of its own.`,
    { data: { job_id: ending.id, reason: 'request_id_reused', outcome } },
  );
}

/** The refusal owed to a report whose lease is not the current one, with the true reason. */
export function staleError(found: Inspection | undefined, job: { id: string; epoch: number; worker: string | null }): AppError {
  if (found === undefined || found.id === null) {
    return new AppError('NOT_FOUND', `No job with the id "${job.id}".`, { data: { resource: 'job', id: job.id } });
  }
  const reason = reasonOf(found, job.epoch, job.worker);
  return new AppError(
    'LEASE_STALE',
    `Lease ${job.epoch} of job ${job.id} is not the current one: ${WORDS[reason] ?? `the workload is ${reason}`}. Stop working on it and drop the result.`,
    { data: { job_id: job.id, reason, current_epoch: found.lease_epoch, status: found.status } },
  );
}
