import { canTransition, isFinal } from '../workloads/index.ts';
import type { WorkloadStatus } from '../workloads/contract.ts';

/** What the engine must know of one workload, by the lifecycle table and nothing else. */
interface ModelEnding {
  readonly outcome: string;
  readonly requestId: string | null;
  /** It said what had gone wrong. */
  readonly isError?: boolean;
}

export interface ModelWorkload {
  readonly id: string;
  readonly maxAttempts: number;
  readonly maxLosses: number;
  status: WorkloadStatus;
  epoch: number;
  attempt: number;
  losses: number;
  worker: string | null;
  isLeased: boolean;
  /** Pending, but not before a time: backed off. */
  isWaiting: boolean;
  isCancelRequested: boolean;
  checkpoint: number | null;
  keys: number | null;
  lastCheckpointRequest: string | null;
  /** How each closed lease ended, by epoch. */
  readonly closed: Map<number, ModelEnding>;
  /** Retries so far: a final row may only change through one. */
  reopened: number;
}

export function newModelWorkload(id: string, limits: { maxAttempts: number; maxLosses: number }): ModelWorkload {
  return {
    id,
    ...limits,
    status: 'pending',
    epoch: 0,
    attempt: 0,
    losses: 0,
    worker: null,
    isLeased: false,
    isWaiting: false,
    isCancelRequested: false,
    checkpoint: null,
    keys: null,
    lastCheckpointRequest: null,
    closed: new Map(),
    reopened: 0,
  };
}

/** A report as an agent sends it; the lease it names may be an old one, or one that never was. */
export interface ModelReport {
  readonly op: 'checkpoint' | 'complete' | 'fail' | 'release';
  readonly worker: string;
  readonly epoch: number;
  readonly requestId: string | null;
  readonly cursor: number | null;
  readonly keys: number | null;
  readonly isRetryable: boolean;
}

function close(workload: ModelWorkload, to: WorkloadStatus, as: ModelEnding): void {
  workload.closed.set(workload.epoch, as);
  workload.status = to;
  workload.isLeased = false;
  workload.lastCheckpointRequest = null;
  if (to === 'pending') workload.worker = null;
}

function absorb(workload: ModelWorkload, report: ModelReport): void {
  if (report.cursor !== null) workload.checkpoint = report.cursor;
  if (report.keys !== null) workload.keys = (workload.keys ?? 0) + report.keys;
}

export function claimModel(workload: ModelWorkload, worker: string): void {
  workload.status = 'running';
  workload.epoch += 1;
  workload.attempt += 1;
  workload.worker = worker;
  workload.isLeased = true;
}

/** Whether an agent may have it now. */
export function isDue(workload: ModelWorkload): boolean {
  return workload.status === 'pending' && !workload.isWaiting;
}

/** What a report may have ended its lease as. */
const ENDS: Readonly<Record<ModelReport['op'], readonly string[]>> = {
  checkpoint: [],
  complete: ['completed'],
  fail: ['failed', 'cancelled'],
  release: ['released', 'cancelled'],
};

/** What is owed to a report with the request id of an earlier one: null for the same told again; undefined where there was none. */
function answerOfRepeat(workload: ModelWorkload, report: ModelReport): 'CONFLICT' | null | undefined {
  if (report.requestId === null) return undefined;
  const closed = workload.closed.get(report.epoch);
  if (closed?.requestId === report.requestId) {
    const isSame = ENDS[report.op].includes(closed.outcome) && (report.op !== 'fail' || closed.isError === true);
    return isSame ? null : 'CONFLICT';
  }
  const isLast = workload.isLeased && workload.epoch === report.epoch && workload.lastCheckpointRequest === report.requestId;
  return isLast && report.op === 'checkpoint' ? null : undefined;
}

/** Applies a report; answers the code it must be refused with, or null when it must be accepted. */
export function reportModel(workload: ModelWorkload, report: ModelReport): 'LEASE_STALE' | 'CONFLICT' | null {
  const repeat = answerOfRepeat(workload, report);
  if (repeat !== undefined) return repeat;
  const isCurrent = workload.isLeased && workload.epoch === report.epoch && workload.worker === report.worker;
  if (!isCurrent) return 'LEASE_STALE';
  absorb(workload, report);
  switch (report.op) {
    case 'checkpoint':
      workload.lastCheckpointRequest = report.requestId;
      break;
    case 'complete':
      close(workload, 'completed', { outcome: 'completed', requestId: report.requestId });
      break;
    case 'release':
      workload.attempt -= 1;
      close(workload, workload.isCancelRequested ? 'cancelled' : 'pending', {
        outcome: workload.isCancelRequested ? 'cancelled' : 'released',
        requestId: report.requestId,
      });
      break;
    case 'fail':
      failModel(workload, report);
  }
  return null;
}

function failModel(workload: ModelWorkload, report: ModelReport): void {
  if (workload.isCancelRequested) close(workload, 'cancelled', { outcome: 'cancelled', requestId: report.requestId, isError: true });
  else if (report.isRetryable && workload.attempt < workload.maxAttempts) {
    close(workload, 'pending', { outcome: 'failed', requestId: report.requestId, isError: true });
    workload.isWaiting = true;
  } else close(workload, 'failed', { outcome: 'failed', requestId: report.requestId, isError: true });
}

/** The lease ran out and the sweeper came. */
export function expireModel(workload: ModelWorkload): void {
  if (!workload.isLeased) return;
  const hadLosses = workload.losses >= 1;
  workload.losses += 1;
  workload.attempt -= 1;
  if (workload.isCancelRequested) close(workload, 'cancelled', { outcome: 'unconfirmed', requestId: null });
  else if (workload.losses >= workload.maxLosses) close(workload, 'failed', { outcome: 'lease_expired', requestId: null });
  else {
    close(workload, 'pending', { outcome: 'lease_expired', requestId: null });
    workload.isWaiting = hadLosses;
  }
}

/** The grace after a cancel is over and the sweeper came. */
export function endGraceModel(workload: ModelWorkload): void {
  if (workload.isLeased && workload.isCancelRequested) close(workload, 'cancelled', { outcome: 'unconfirmed', requestId: null });
}

export function cancelModel(workload: ModelWorkload): 'INVALID_TRANSITION' | null {
  if (isFinal(workload.status)) return 'INVALID_TRANSITION';
  workload.isCancelRequested = true;
  if (workload.isLeased) return null;
  workload.status = 'cancelled';
  workload.isWaiting = false;
  return null;
}

export function retryModel(workload: ModelWorkload, keepsCheckpoint: boolean): 'INVALID_TRANSITION' | null {
  if (!canTransition(workload.status, 'pending', 'retry')) return 'INVALID_TRANSITION';
  Object.assign(workload, { status: 'pending', attempt: 0, losses: 0, worker: null, isCancelRequested: false, isWaiting: false });
  if (!keepsCheckpoint) Object.assign(workload, { checkpoint: null, keys: null });
  workload.reopened += 1;
  return null;
}

export function updateModel(workload: ModelWorkload, to: WorkloadStatus): 'INVALID_TRANSITION' | null {
  if (workload.status === to) return isFinal(to) ? 'INVALID_TRANSITION' : null;
  if (!canTransition(workload.status, to, 'update')) return 'INVALID_TRANSITION';
  if (workload.isLeased) {
    close(workload, to, { outcome: 'revoked', requestId: null });
    workload.epoch += 1;
  }
  workload.status = to;
  workload.isWaiting = false;
  if (to === 'running') Object.assign(workload, { worker: null, attempt: workload.attempt + 1 });
  if (to === 'pending') Object.assign(workload, { worker: null, attempt: Math.max(0, workload.attempt - 1), isCancelRequested: false });
  return null;
}
