import type { Issue } from '../errors.ts';
import { platformKeyOf } from '../platforms/contract.ts';
import { requestHash } from '../request-hash.ts';
import type { CreatePublicationInput, PublicationStatus } from './contract.ts';
import type { PublicationRow } from './publication-row.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;
/** Clocks of clients may be ahead by this much. */
const CLOCK_MARGIN_MS = 300_000;
const FIRST_MS = Date.parse('2000-01-01T00:00:00Z');
const MAX_AHEAD_MS = 5 * YEAR_MS;

/** Why a time to publish at cannot be meant, or null. A little in the past is due at once. */
export function scheduleProblem(scheduledFor: string, requestedMs: number, nowMs: number): string | null {
  const at = Date.parse(scheduledFor);
  if (at < requestedMs - DAY_MS) return 'must not lie more than a day before it is requested';
  return at > nowMs + MAX_AHEAD_MS ? 'must not lie more than five years ahead' : null;
}

function statusOf(input: CreatePublicationInput, nowMs: number): PublicationStatus {
  if (input.status !== undefined) return input.status;
  return typeof input.scheduled_for === 'string' && Date.parse(input.scheduled_for) > nowMs ? 'scheduled' : 'pending';
}

function problems(input: CreatePublicationInput, now: { requestedMs: number; nowMs: number; status: PublicationStatus }): Issue[] {
  const issues: Issue[] = [];
  const add = (path: string, message: string): void => void issues.push({ path, message });
  if (now.requestedMs > now.nowMs + CLOCK_MARGIN_MS) add('requested_at', 'must not lie in the future; use scheduled_for');
  if (now.requestedMs < FIRST_MS) add('requested_at', 'must not lie before the year 2000');
  const schedule = typeof input.scheduled_for === 'string' ? scheduleProblem(input.scheduled_for, now.requestedMs, now.nowMs) : null;
  if (schedule !== null) add('scheduled_for', schedule);
  if (now.status === 'scheduled' && (typeof input.scheduled_for !== 'string' || Date.parse(input.scheduled_for) <= now.nowMs)) {
    add('scheduled_for', 'must lie in the future for the status "scheduled"');
  }
  if (now.status !== 'success' && typeof input.published_at === 'string') add('published_at', 'needs the status "success"');
  if (typeof input.published_at === 'string' && Date.parse(input.published_at) > now.nowMs + CLOCK_MARGIN_MS)
    add('published_at', 'must not lie in the future');
  return issues;
}

/** The row a new publication becomes, and what does not fit. */
export function toNewRow(input: CreatePublicationInput, given: { id: string; now: string }): { row: PublicationRow; issues: Issue[] } {
  const { id, now } = given;
  const nowMs = Date.parse(now);
  const status = statusOf(input, nowMs);
  const requestedMs = input.requested_at === undefined ? nowMs : Date.parse(input.requested_at);
  const scheduled_for = input.scheduled_for ?? null;
  const row: PublicationRow = {
    id,
    clip_id: input.clip_id,
    platform: input.platform,
    platform_key: platformKeyOf(input.platform),
    social_account_id: input.social_account_id,
    campaign_id: input.campaign_id ?? null,
    status,
    sub_status: input.sub_status ?? null,
    requested_at: new Date(requestedMs).toISOString(),
    scheduled_for,
    due_at: new Date(Math.max(requestedMs, scheduled_for === null ? 0 : Date.parse(scheduled_for))).toISOString(),
    next_try_at: null,
    published_at: status === 'success' ? new Date(input.published_at ?? now).toISOString() : null,
    external_id: input.external_id ?? null,
    error: input.error ?? null,
    attempt: 0,
    transient_failures: 0,
    awaiting_since: null,
    idempotency_key: input.idempotency_key ?? null,
    request_hash: input.idempotency_key === undefined ? null : requestHash(input),
    created_at: now,
    updated_at: now,
  };
  return { row, issues: problems(input, { requestedMs, nowMs, status }) };
}
