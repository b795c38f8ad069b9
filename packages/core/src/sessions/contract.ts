import * as z from 'zod';
import { Id, text } from '../contract.ts';
import { MAX_PASSWORD_CHARS, NewPassword, User } from '../users/contract.ts';
import { Role } from '../access/contract.ts';

/** A session ends this long after its last request, and this long after the sign-in, whichever is first. */
export const IDLE_HOURS = 12;
export const LONGEST_DAYS = 30;

/** How long somebody may take at the identity provider. */
export const VISIT_MINUTES = 10;

/** Why a sign-in through the identity provider failed; the sign-in page has a sentence for each. */
export const ProviderProblem = z.enum([
  'expired',
  'refused',
  'unavailable',
  'busy',
  'disabled',
  'unverified',
  'taken',
  'not_allowed',
  'setup_needed',
  'failed',
]);
export type ProviderProblem = z.infer<typeof ProviderProblem>;

export const GetSessionInput = z.strictObject({});
export const SessionState = z
  .object({
    state: z
      .enum(['open', 'anonymous', 'signed_in', 'key'])
      .describe('`open`: nobody needs to sign in; `anonymous`: sign in; `signed_in`: a person; `key`: the caller sent an API key.'),
    role: Role.nullable(),
    sees_payloads: z.boolean(),
    user: User.nullable(),
    session_id: z.string().nullable(),
    is_setup_needed: z
      .boolean()
      .describe('Nobody has an account yet: the first one is made with the link the server printed at its start.'),
    sign_in_methods: z.array(z.enum(['password', 'oidc'])),
    live_position: z
      .string()
      .nullable()
      .describe('Where the shared event streams stand, as the `Last-Event-ID` of `GET /v1/events/live/many`; null for who may not read.'),
  })
  .meta({ id: 'SessionState' });
export type SessionState = z.infer<typeof SessionState>;

export const SignInInput = z.strictObject({
  email: text(254, 1),
  password: text(MAX_PASSWORD_CHARS, 1),
});
export type SignInInput = z.infer<typeof SignInInput>;

export const SignedIn = z.object({ user: User, session_id: z.string(), expires_at: z.string() }).meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof SignedIn>;

export const SignOutInput = z.strictObject({});
export const SignOutOutput = z.object({ signed_out: z.literal(true) });

export const ChangePasswordInput = z.strictObject({ current_password: text(MAX_PASSWORD_CHARS, 1), new_password: NewPassword });
export type ChangePasswordInput = z.infer<typeof ChangePasswordInput>;

export const UserSession = z
  .object({
    id: z.string(),
    is_current: z.boolean(),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
    created_at: z.string(),
    last_seen_at: z.string().describe('Coarse: at most one minute old.'),
    expires_at: z.string(),
  })
  .meta({ id: 'UserSession' });
export type UserSession = z.infer<typeof UserSession>;

export const ListSessionsInput = z.strictObject({});
export const ListSessionsOutput = z.object({ items: z.array(UserSession), next_cursor: z.null() });
export type ListSessionsOutput = z.infer<typeof ListSessionsOutput>;

export const RevokeSessionInput = z.strictObject({ id: Id });
export const RevokeSessionOutput = z.object({ id: z.string(), revoked: z.literal(true) });
export type RevokeSessionOutput = z.infer<typeof RevokeSessionOutput>;
