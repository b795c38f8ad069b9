import type { PublicationAttempt, PublicationOutcome, SubStatus } from './contract.ts';
import { SendReport } from './contract.ts';
import type { PublicationMove } from './move-publications.ts';
import type { LockedRow } from './publication-row.ts';

const BACKOFF_MS = 5000;
const MAX_BACKOFF_MS = 900_000;
const MAX_RETRY_AFTER_SECONDS = 86_400;
/** A platform that still says "later" after so many calls will not say anything else. */
const MAX_RATE_LIMITED_ATTEMPTS = 50;
const CLOCK_MARGIN_MS = 300_000;

/** A workload that is over, as far as the outcome of its publication depends on it; null when it is not there any more. */
export interface EndedWorkload {
  readonly status: string | null;
  readonly output: string | null;
  readonly error: string | null;
}

function parseReport(output: string | null): SendReport | null {
  if (output === null) return null;
  try {
    const parsed = SendReport.safeParse(JSON.parse(output));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function plain(outcome: PublicationOutcome, error: string): SendReport {
  return { outcome, error, http_status: null, external_id: null, published_at: null, retry_after_seconds: null };
}

/** What became of an attempt. Without a report of the agent it matters only whether anything can have been sent. */
export function outcomeOf(attempt: Pick<PublicationAttempt, 'sent_at'>, ended: EndedWorkload): SendReport {
  const report = parseReport(ended.output);
  if (report !== null) return report;
  if (attempt.sent_at !== null)
    return plain('unconfirmed', `It was sent, and the answer never came: ${ended.error ?? 'the worker was lost'}`);
  if (ended.status === 'cancelled') return plain('cancelled', 'Its workload was cancelled before anything was sent.');
  return plain('transient', ended.error ?? 'Its workload ended before anything was sent.');
}

function later(row: LockedRow, ms: number): string {
  return new Date(Date.parse(row.now) + ms).toISOString();
}

function publishedAt(row: LockedRow, reported: string | null): string {
  if (reported === null || Date.parse(reported) > Date.parse(row.now) + CLOCK_MARGIN_MS) return row.now;
  return new Date(reported).toISOString();
}

/** Milliseconds to wait after so many failures that may pass: doubling, at most 15 minutes. */
export function backoffMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** Math.min(20, failures - 1));
}

function tryLater(row: LockedRow, report: SendReport, maxAttempts: number): PublicationMove {
  const { error } = report;
  if (report.outcome === 'rate_limited') {
    const waitMs = Math.max(1000, Math.min(MAX_RETRY_AFTER_SECONDS, report.retry_after_seconds ?? BACKOFF_MS / 1000) * 1000);
    if (row.attempt >= MAX_RATE_LIMITED_ATTEMPTS) return { row, to: 'failed', sub: 'rate_limited', by: 'answer', set: { error } };
    return { row, to: 'pending', sub: 'rate_limited', by: 'answer', set: { error, next_try_at: later(row, waitMs) } };
  }
  const transient_failures = row.transient_failures + 1;
  if (transient_failures >= maxAttempts) return { row, to: 'failed', sub: 'transient', by: 'answer', set: { error, transient_failures } };
  const next_try_at = later(row, backoffMs(transient_failures));
  return { row, to: 'pending', sub: 'transient', by: 'answer', set: { error, transient_failures, next_try_at } };
}

/** What an attempt's outcome means for its publication. Only what the platform has not accepted is tried again by itself. */
export function moveOf(row: LockedRow, report: SendReport, maxAttempts: number): PublicationMove {
  switch (report.outcome) {
    case 'success':
      return {
        row,
        to: 'success',
        sub: null,
        by: 'answer',
        set: { external_id: report.external_id, published_at: publishedAt(row, report.published_at), error: null },
      };
    case 'accepted':
      return {
        row,
        to: 'processing',
        sub: 'awaiting_result',
        by: 'accept',
        set: { awaiting_since: row.now, external_id: report.external_id },
      };
    case 'cancelled':
      return { row, to: 'cancelled', sub: null, by: 'answer' };
    case 'rate_limited':
    case 'transient':
      return tryLater(row, report, maxAttempts);
    default:
      return { row, to: 'failed', sub: report.outcome satisfies SubStatus, by: 'answer', set: { error: report.error } };
  }
}
