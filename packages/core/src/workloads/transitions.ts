import { AppError } from '../errors.ts';
import type { StatusReason, WorkloadStatus } from './contract.ts';

/** What can happen to a workload. An agent's report, a person's action or a clock is always one of these. */
export type Trigger =
  | 'claim'
  | 'cancel'
  | 'cancel_confirmed'
  | 'cancel_grace_over'
  | 'start_deadline'
  | 'deadline'
  | 'complete'
  | 'fail'
  | 'fail_retryable'
  | 'timeout'
  | 'release'
  | 'lease_expired'
  | 'lease_losses_used_up'
  | 'update'
  | 'retry';

export interface Transition {
  readonly from: WorkloadStatus;
  readonly to: WorkloadStatus;
  readonly by: Trigger;
  /** The detail afterwards; null where there is none. */
  readonly reasons: readonly (StatusReason | null)[];
  readonly note: string;
}

/**
 * The life of a workload, once. It drives the types, the guards, docs/lifecycle.md and the property tests.
 * Whatever is not listed is INVALID_TRANSITION; `completed` has no way out.
 */
export const TRANSITIONS = [
  { from: 'pending', to: 'running', by: 'claim', reasons: ['leased'], note: 'lease_epoch += 1, attempt += 1, a lease is granted' },
  { from: 'pending', to: 'running', by: 'update', reasons: ['external'], note: 'executed elsewhere: no lease, only timeout_ms ends it' },
  { from: 'pending', to: 'cancelled', by: 'cancel', reasons: ['requested'], note: 'at once' },
  { from: 'pending', to: 'cancelled', by: 'update', reasons: ['requested'], note: 'the same, told by an external executor' },
  { from: 'pending', to: 'failed', by: 'start_deadline', reasons: ['expired'], note: 'start_deadline_at passed before it started' },
  { from: 'pending', to: 'failed', by: 'deadline', reasons: ['timeout'], note: 'deadline_at passed while it waited' },
  { from: 'running', to: 'completed', by: 'complete', reasons: [null], note: 'exit code, output and duration recorded' },
  { from: 'running', to: 'completed', by: 'update', reasons: [null], note: 'told by an external executor; a lease is revoked' },
  { from: 'running', to: 'failed', by: 'fail', reasons: ['error', 'timeout'], note: 'final, or attempts used up' },
  { from: 'running', to: 'failed', by: 'timeout', reasons: ['timeout'], note: 'timeout_ms or deadline_at passed, attempts used up' },
  {
    from: 'running',
    to: 'failed',
    by: 'lease_losses_used_up',
    reasons: ['quarantined'],
    note: 'lease_losses reached max_lease_losses; a person may reopen it',
  },
  { from: 'running', to: 'failed', by: 'update', reasons: ['error'], note: 'told by an external executor; a lease is revoked' },
  { from: 'running', to: 'pending', by: 'fail_retryable', reasons: ['retry_backoff'], note: 'attempts left; checkpoint kept' },
  { from: 'running', to: 'pending', by: 'timeout', reasons: ['retry_backoff'], note: 'attempts left; checkpoint kept' },
  { from: 'running', to: 'pending', by: 'release', reasons: ['released'], note: 'no attempt charged; checkpoint kept' },
  {
    from: 'running',
    to: 'pending',
    by: 'lease_expired',
    reasons: ['lease_expired'],
    note: 'no attempt charged, lease_losses += 1; checkpoint kept',
  },
  {
    from: 'running',
    to: 'pending',
    by: 'update',
    reasons: ['queued'],
    note: 'handed back by an external executor, no attempt charged; a lease is revoked',
  },
  { from: 'running', to: 'cancelled', by: 'cancel', reasons: ['requested'], note: 'executed elsewhere: nobody to ask, so at once' },
  { from: 'running', to: 'cancelled', by: 'cancel_confirmed', reasons: ['requested'], note: 'the agent stopped it' },
  {
    from: 'running',
    to: 'cancelled',
    by: 'cancel_grace_over',
    reasons: ['unconfirmed'],
    note: 'the agent did not answer within the grace of 30 s',
  },
  { from: 'running', to: 'cancelled', by: 'update', reasons: ['requested'], note: 'told by an external executor; a lease is revoked' },
  { from: 'failed', to: 'pending', by: 'retry', reasons: ['queued'], note: 'new attempt budget; the epoch keeps growing' },
  { from: 'cancelled', to: 'pending', by: 'retry', reasons: ['queued'], note: 'new attempt budget; the epoch keeps growing' },
] as const satisfies readonly Transition[];

const FINAL: readonly WorkloadStatus[] = ['completed', 'failed', 'cancelled'];

/** Whether the status ends the workload; final rows carry `finished_at` and change only through `retry`. */
export function isFinal(status: WorkloadStatus): boolean {
  return FINAL.includes(status);
}

/** Whether the table has an arrow from one status to another, by this trigger. */
export function canTransition(from: WorkloadStatus, to: WorkloadStatus, by: Trigger): boolean {
  return TRANSITIONS.some((arrow) => arrow.from === from && arrow.to === to && arrow.by === by);
}

/** The refusal owed when the table has no such arrow. */
export function invalidTransition(id: string, from: WorkloadStatus, to: WorkloadStatus): AppError {
  const ways = [...new Set(TRANSITIONS.filter((arrow) => arrow.from === from).map((arrow) => arrow.to))];
  const hint = ways.length === 0 ? `"${from}" is final.` : `From "${from}" it can become ${ways.map((way) => `"${way}"`).join(', ')}.`;
  return new AppError('INVALID_TRANSITION', `Workload ${id} is "${from}" and cannot become "${to}". ${hint}`, { data: { id, from, to } });
}
