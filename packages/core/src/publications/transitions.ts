import { AppError } from '../errors.ts';
import type { PublicationStatus, SubStatus } from './contract.ts';

/** What can happen to a publication: a clock, the queue, an answer, or a person. */
export type PublicationTrigger =
  | 'due'
  | 'missed'
  | 'dispatch'
  | 'answer'
  | 'accept'
  | 'hold'
  | 'result'
  | 'update'
  | 'reschedule'
  | 'cancel'
  | 'retry'
  | 'result_timeout';

export interface PublicationTransition {
  readonly from: PublicationStatus;
  readonly to: PublicationStatus;
  readonly by: PublicationTrigger;
  /** The detail afterwards; null where there is none. */
  readonly sub_statuses: readonly (SubStatus | null)[];
  readonly note: string;
}

const FAILURES = ['content', 'auth', 'rate_limited', 'transient', 'connector', 'unconfirmed', 'missed', 'reported', null] as const;

/** The life of a publication, once. It drives the guards and the tests; whatever is not listed is INVALID_TRANSITION. */
export const PUBLICATION_TRANSITIONS = [
  { from: 'scheduled', to: 'pending', by: 'due', sub_statuses: [null], note: 'scheduled_for has come' },
  { from: 'scheduled', to: 'pending', by: 'reschedule', sub_statuses: [null], note: 'scheduled_for was taken away or moved to the past' },
  { from: 'pending', to: 'scheduled', by: 'reschedule', sub_statuses: [null], note: 'scheduled_for was moved to the future' },
  {
    from: 'pending',
    to: 'pending',
    by: 'reschedule',
    sub_statuses: [null, 'rate_limited', 'transient'],
    note: 'scheduled_for was taken away; due_at stays',
  },
  { from: 'scheduled', to: 'scheduled', by: 'reschedule', sub_statuses: [null], note: 'another scheduled_for' },
  {
    from: 'pending',
    to: 'failed',
    by: 'missed',
    sub_statuses: ['missed'],
    note: 'too late after scheduled_for; the platform was not called',
  },
  { from: 'pending', to: 'processing', by: 'dispatch', sub_statuses: [null], note: 'attempt += 1, a workload of kind publish' },
  { from: 'processing', to: 'success', by: 'answer', sub_statuses: [null], note: 'the platform named its external_id' },
  {
    from: 'processing',
    to: 'failed',
    by: 'answer',
    sub_statuses: ['content', 'auth', 'rate_limited', 'transient', 'connector', 'unconfirmed'],
    note: 'final by its class, or tries used up',
  },
  {
    from: 'processing',
    to: 'pending',
    by: 'answer',
    sub_statuses: ['rate_limited', 'transient'],
    note: 'again at next_try_at; the platform had not accepted it',
  },
  {
    from: 'processing',
    to: 'pending',
    by: 'hold',
    sub_statuses: [null],
    note: 'account, campaign or platform was paused before it was sent',
  },
  { from: 'processing', to: 'cancelled', by: 'answer', sub_statuses: [null], note: 'its workload was cancelled before anything was sent' },
  {
    from: 'processing',
    to: 'processing',
    by: 'accept',
    sub_statuses: ['awaiting_result'],
    note: 'accepted; the result comes by POST /v1/publications/{id}/result',
  },
  { from: 'processing', to: 'failed', by: 'result_timeout', sub_statuses: ['unconfirmed'], note: 'accepted, and the result never came' },
  { from: 'processing', to: 'success', by: 'result', sub_statuses: [null], note: 'reported by the platform' },
  { from: 'processing', to: 'failed', by: 'result', sub_statuses: FAILURES, note: 'reported by the platform' },
  { from: 'failed', to: 'success', by: 'result', sub_statuses: [null], note: 'only from failed/unconfirmed: it was found to be published' },
  {
    from: 'failed',
    to: 'failed',
    by: 'result',
    sub_statuses: FAILURES,
    note: 'only from failed/unconfirmed: it was found not to be published',
  },
  { from: 'pending', to: 'processing', by: 'update', sub_statuses: [null], note: 'published by somebody else' },
  { from: 'scheduled', to: 'processing', by: 'update', sub_statuses: [null], note: 'published by somebody else' },
  { from: 'pending', to: 'success', by: 'update', sub_statuses: [null], note: 'published by somebody else' },
  { from: 'scheduled', to: 'success', by: 'update', sub_statuses: [null], note: 'published by somebody else' },
  { from: 'processing', to: 'success', by: 'update', sub_statuses: [null], note: 'published by somebody else' },
  { from: 'pending', to: 'failed', by: 'update', sub_statuses: FAILURES, note: 'given up by somebody else' },
  { from: 'scheduled', to: 'failed', by: 'update', sub_statuses: FAILURES, note: 'given up by somebody else' },
  { from: 'processing', to: 'failed', by: 'update', sub_statuses: FAILURES, note: 'given up by somebody else' },
  { from: 'processing', to: 'pending', by: 'update', sub_statuses: [null], note: 'handed back by somebody else' },
  { from: 'failed', to: 'success', by: 'update', sub_statuses: [null], note: 'only from failed/unconfirmed: it was found to be published' },
  { from: 'pending', to: 'cancelled', by: 'cancel', sub_statuses: [null], note: 'at once' },
  { from: 'scheduled', to: 'cancelled', by: 'cancel', sub_statuses: [null], note: 'at once' },
  { from: 'processing', to: 'cancelled', by: 'cancel', sub_statuses: [null], note: 'only before anything was sent' },
  { from: 'failed', to: 'pending', by: 'retry', sub_statuses: [null], note: 'due now; failed/unconfirmed needs confirmed_not_published' },
  { from: 'cancelled', to: 'pending', by: 'retry', sub_statuses: [null], note: 'due now' },
] as const satisfies readonly PublicationTransition[];

/** Whether the table has an arrow from one status to another, by this trigger. */
export function canMove(from: PublicationStatus, to: PublicationStatus, by: PublicationTrigger): boolean {
  return PUBLICATION_TRANSITIONS.some((arrow) => arrow.from === from && arrow.to === to && arrow.by === by);
}

/** The refusal owed when the table has no such arrow. */
export function invalidMove(
  row: { readonly id: string; readonly status: PublicationStatus },
  to: PublicationStatus,
  hint?: string,
): AppError {
  const { id, status: from } = row;
  const ways = [...new Set(PUBLICATION_TRANSITIONS.filter((arrow) => arrow.from === from).map((arrow) => arrow.to))];
  const can = ways.length === 0 ? `"${from}" is final.` : `From "${from}" it can become ${ways.map((way) => `"${way}"`).join(', ')}.`;
  return new AppError('INVALID_TRANSITION', `Publication ${id} is "${from}" and cannot become "${to}". ${hint ?? can}`, {
    data: { id, from, to },
  });
}
