import * as z from 'zod';
import { Cursor, Id, limit, shownName, text } from '../contract.ts';

export const PLATFORM_KEYS = ['instagram', 'tiktok', 'youtube', 'other'] as const;
/** What statistics and settings are kept by; a platform of any other name counts as `other`. */
export const PlatformKey = z.enum(PLATFORM_KEYS);
export type PlatformKey = z.infer<typeof PlatformKey>;

/** A platform as its users call it: `instagram`, `tiktok-business`, `facebook`. */
export const PlatformName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9 ._-]{0,63}$/, 'must be 1 to 64 characters of A-Z, a-z, 0-9, " ", ".", "_" and "-", starting with a letter');

/** The key a platform's name counts under: any flavour of the three known ones, else `other`. */
export function platformKeyOf(name: string): PlatformKey {
  const known = name.toLowerCase();
  return PLATFORM_KEYS.find((key) => key !== 'other' && known.includes(key)) ?? 'other';
}

export const Platform = z
  .object({
    platform: PlatformKey,
    connector: z.literal('webhook').nullable().describe('Null: nothing is sent; publications wait for somebody else to report them.'),
    url: z.string().nullable(),
    has_secret: z.boolean(),
    secret: z.string().optional().describe('Only in the answer of the call that made it up.'),
    timeout_ms: z.int(),
    rate_per_minute: z.number().nullable(),
    concurrency: z.int().nullable(),
    account_concurrency: z.int().nullable(),
    max_attempts: z.int(),
    missed_after_seconds: z.int(),
    result_timeout_seconds: z.int(),
    honours_idempotency_key: z.boolean(),
    paused: z.boolean(),
    updated_at: z.string().nullable(),
  })
  .meta({ id: 'Platform' });
export type Platform = z.infer<typeof Platform>;

export const PlatformInput = z.strictObject({ platform: PlatformKey });
export const SetPlatformInput = z.strictObject({
  platform: PlatformKey,
  connector: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2048),
  secret: text(200, 1).optional().describe('Signs every body. Left out, the one there is stays, or one is made up and shown once.'),
  timeout_ms: z.int().min(100).max(600_000).default(30_000).describe('How long the platform may take to answer.'),
  rate_per_minute: z.number().positive().max(1_000_000).nullable().default(null),
  concurrency: z.int().min(1).max(10_000).nullable().default(null),
  account_concurrency: z.int().min(1).max(10_000).nullable().default(null).describe('The same per social account.'),
  max_attempts: z.int().min(1).max(20).default(3).describe('Calls that may fail transiently before the publication does.'),
  missed_after_seconds: z
    .int()
    .min(0)
    .max(31_536_000)
    .default(3600)
    .describe('A publication this late after `scheduled_for` becomes failed/missed and is not sent.'),
  result_timeout_seconds: z
    .int()
    .min(1)
    .max(31_536_000)
    .default(86_400)
    .describe('An accepted publication without a result by then becomes failed/unconfirmed.'),
  honours_idempotency_key: z
    .boolean()
    .default(false)
    .describe('The receiver publishes once per idempotency key: a call whose agent was lost is repeated under the same key.'),
  paused: z.boolean().default(false),
});
export type SetPlatformInput = z.infer<typeof SetPlatformInput>;
export const ListPlatformsInput = z.strictObject({});
export const ListPlatformsOutput = z.object({ items: z.array(Platform), next_cursor: z.string().nullable() });

export const AccountStatus = z.enum(['active', 'paused']);
/** The `pause_reason` of an account that a person paused, not a refusal of its platform. */
export const OPERATOR_PAUSE = 'paused by an operator';
/** A social account; known from its first publication, or from being set up. */
export const SocialAccount = z
  .object({
    platform: PlatformKey,
    id: z.string(),
    name: z.string().nullable(),
    status: AccountStatus,
    pause_reason: z.string().nullable(),
    not_before: z.string().nullable().describe('The platform asked to wait until then.'),
    processing: z.int(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'SocialAccount' });
export type SocialAccount = z.infer<typeof SocialAccount>;
export const SetAccountInput = z.strictObject({
  platform: PlatformKey,
  id: Id,
  name: shownName(200).nullable().optional(),
  status: AccountStatus.optional().describe('`active` lets a paused account publish again.'),
});
export type SetAccountInput = z.infer<typeof SetAccountInput>;
export const ListAccountsInput = z.strictObject({
  platform: PlatformKey.optional(),
  status: AccountStatus.optional(),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListAccountsInput = z.infer<typeof ListAccountsInput>;
export const ListedAccount = SocialAccount.extend({
  pending: z.int().describe('Publications of it that are pending: while it is paused, they wait.'),
}).meta({ id: 'ListedAccount' });
export type ListedAccount = z.infer<typeof ListedAccount>;
export const ListAccountsOutput = z.object({ items: z.array(ListedAccount), next_cursor: z.string().nullable() });
