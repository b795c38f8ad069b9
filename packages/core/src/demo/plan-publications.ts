import type { Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import { platformKeyOf } from '../platforms/contract.ts';
import type { SubStatus } from '../publications/contract.ts';
import { DEMO_ACCOUNTS, EXPIRED_MS, EXPIRED_REASON, type DemoAccount } from './accounts.ts';
import { bustle, type Dice } from './dice.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './span.ts';

type Publication = Selectable<Database['publication']>;
type Attempt = Selectable<Database['publication_attempt']>;
interface Parts {
  readonly clips: readonly { readonly id: string; readonly created_at?: string }[];
  readonly campaigns: readonly Selectable<Database['campaign']>[];
}

/** A publication as it was made and as it is, with the tries between. */
export interface PlannedPublication {
  readonly first: Publication;
  readonly last: Publication;
  readonly attempts: readonly Attempt[];
}

const PER_DAY = 64;
const SCHEDULED_COUNT = 26;
const UNANSWERED_COUNT = 4;

interface Cause {
  readonly sub_status: SubStatus;
  readonly share: number;
  readonly http_status: number | null;
  readonly error: (dice: Dice) => string;
}

const CAUSES: readonly Cause[] = [
  {
    sub_status: 'content',
    share: 0.016,
    http_status: 422,
    error: (dice) => `422: the video is ${dice.whole(61, 95)} s long, at most 60 s are allowed`,
  },
  { sub_status: 'rate_limited', share: 0.006, http_status: 429, error: () => '429: too many uploads from this account today' },
  { sub_status: 'transient', share: 0.008, http_status: 503, error: (dice) => `503: upstream edge-${dice.whole(1, 9)} is not available` },
  {
    sub_status: 'unconfirmed',
    share: 0.003,
    http_status: null,
    error: () => 'It was sent, and the answer never came: time-out after 30000 ms',
  },
];

function blank(account: DemoAccount, clipId: string, made: { id: string; requested: string }): Publication {
  const { id, requested } = made;
  return {
    id,
    clip_id: clipId,
    platform: account.platform,
    platform_key: platformKeyOf(account.platform),
    social_account_id: account.id,
    campaign_id: null,
    status: 'pending',
    sub_status: null,
    requested_at: requested,
    scheduled_for: null,
    due_at: requested,
    next_try_at: null,
    published_at: null,
    external_id: null,
    error: null,
    attempt: 0,
    transient_failures: 0,
    awaiting_since: null,
    idempotency_key: null,
    request_hash: null,
    created_at: requested,
    updated_at: requested,
  };
}

function causeOf(account: DemoAccount, at: number, dice: Dice): Cause | null {
  const { span } = dice;
  if (account.is_expired === true && at > span.now - EXPIRED_MS)
    return { sub_status: 'auth', share: 1, http_status: 401, error: () => EXPIRED_REASON };
  return CAUSES.find((cause) => dice.chance(cause.share)) ?? null;
}

/** A publication that was tried, once or until the platform took it. */
function tried(first: Publication, told: { account: DemoAccount; cause: Cause | null }, dice: Dice): PlannedPublication | null {
  const { span } = dice;
  const { account, cause } = told;
  const requested = Date.parse(first.requested_at);
  const attempts: Attempt[] = [];
  let at = requested + dice.around(2500, 0.8);
  const isPatient = cause?.sub_status === 'transient' || cause?.sub_status === 'rate_limited';
  const failures = cause === null ? (dice.chance(0.03) ? 1 : 0) : isPatient ? 3 : 1;
  const attempt = (outcome: string, took: number, told: { http_status: number | null; error: string | null }): void => {
    const sent = span.iso(at + 40);
    const when = { sent_at: sent, started_at: span.iso(at), finished_at: span.iso(at + took) };
    attempts.push({ publication_id: first.id, attempt: attempts.length + 1, workload_id: null, outcome, ...told, ...when });
    at += took;
  };
  const error = cause?.error(dice) ?? '503: upstream is not available';
  for (let nth = 0; nth < failures; nth += 1) {
    attempt(cause?.sub_status ?? 'transient', dice.around(3000, 0.6), { http_status: cause === null ? 503 : cause.http_status, error });
    if (nth < failures - 1 || cause === null) at += 5000 * 2 ** nth;
  }
  if (cause === null) attempt('success', dice.around(5200, 0.7), { http_status: 200, error: null });
  if (at >= span.now - MINUTE_MS) return null;
  const ended = span.iso(at);
  const over = { ...first, attempt: attempts.length, updated_at: ended, transient_failures: isPatient || cause === null ? failures : 0 };
  if (cause !== null) return { first, last: { ...over, status: 'failed', sub_status: cause.sub_status, error }, attempts };
  const external_id = `${account.platform.slice(0, 2)}_${dice.whole(1e9, 9e9)}`;
  return { first, last: { ...over, status: 'success', published_at: ended, external_id }, attempts };
}

/** The campaign a clip runs in at that time, if any. */
function campaignOf(parts: Parts, clipId: string, at: string): string | null {
  return (
    parts.campaigns.find(
      (campaign) => campaign.clip_ids.includes(clipId) && (campaign.starts_at ?? at) <= at && (campaign.ends_at ?? at) >= at,
    )?.id ?? null
  );
}

function clipAt(parts: Parts, ms: number, dice: Dice): string {
  const { span } = dice;
  const known = parts.clips.filter((clip) => (clip.created_at ?? '') <= span.iso(ms));
  return known[dice.whole(0, Math.max(0, known.length - 1))]?.id ?? parts.clips[0]?.id ?? '';
}

/** What is waiting: for the expired account, for a paused campaign, and for its time. */
function waiting(parts: Parts, dice: Dice): PlannedPublication[] {
  const { span } = dice;
  const planned: PlannedPublication[] = [];
  const expired = DEMO_ACCOUNTS.find((account) => account.is_expired === true) ?? DEMO_ACCOUNTS[0];
  const add = (account: DemoAccount, ago: number, fields: Partial<Publication>): void => {
    const made = span.now - ago;
    const row = { ...blank(account, clipAt(parts, made, dice), { id: dice.id('pub', made), requested: span.iso(made) }), ...fields };
    planned.push({ first: row, last: row, attempts: [] });
  };
  for (let index = 0; index < 9; index += 1) add(expired, dice.whole(8 * MINUTE_MS, EXPIRED_MS), {});
  const linkedIn = DEMO_ACCOUNTS.find((account) => account.platform === 'linkedin') ?? DEMO_ACCOUNTS[0];
  for (let index = 0; index < 3; index += 1) add(linkedIn, dice.whole(HOUR_MS, 5 * HOUR_MS), { campaign_id: 'cmp_demo_careers' });
  for (let index = 0; index < SCHEDULED_COUNT; index += 1) {
    const due = span.iso(span.now + dice.whole(20, 60 * 50) * MINUTE_MS);
    const account = dice.pick(DEMO_ACCOUNTS);
    add(account, dice.whole(HOUR_MS, 2 * DAY_MS), { status: 'scheduled', scheduled_for: due, due_at: due, campaign_id: 'cmp_demo_winter' });
  }
  return planned;
}

/** What was sent in the last hours and never answered: the platform was slow for a while. */
function unanswered(parts: Parts, dice: Dice): PlannedPublication[] {
  const { span } = dice;
  const account = DEMO_ACCOUNTS.find((entry) => entry.platform === 'tiktok') ?? DEMO_ACCOUNTS[0];
  const cause = CAUSES.find((entry) => entry.sub_status === 'unconfirmed') ?? null;
  return Array.from({ length: UNANSWERED_COUNT }).flatMap(() => {
    const at = span.now - dice.whole(20, 110) * MINUTE_MS;
    const first = blank(account, clipAt(parts, at, dice), { id: dice.id('pub', at), requested: span.iso(at) });
    return tried(first, { account, cause }, dice) ?? [];
  });
}

/** A month of publications, and what waits now. */
export function planPublications(parts: Parts, dice: Dice): PlannedPublication[] {
  const { span } = dice;
  const planned: PlannedPublication[] = [];
  for (let hour = span.from; hour < span.now; hour += HOUR_MS) {
    const count = Math.floor((PER_DAY / 24) * bustle(hour) * 1.15 + dice.next());
    for (let index = 0; index < count; index += 1) {
      const at = hour + Math.floor(dice.next() * HOUR_MS);
      if (at >= span.now) continue;
      const account = dice.pick(DEMO_ACCOUNTS);
      const clip = clipAt(parts, at, dice);
      const first = {
        ...blank(account, clip, { id: dice.id('pub', at), requested: span.iso(at) }),
        campaign_id: campaignOf(parts, clip, span.iso(at)),
      };
      const done = tried(first, { account, cause: causeOf(account, at, dice) }, dice);
      if (done !== null) planned.push(done);
    }
  }
  return [...planned, ...unanswered(parts, dice), ...waiting(parts, dice)];
}
