import * as z from 'zod';
import { Cursor, Id, limit, shownName, text } from '../contract.ts';

export const USER_ROLES = ['viewer', 'operator', 'admin'] as const;
/** What a person may do; workers are not people. */
export const UserRole = z.enum(USER_ROLES);
export type UserRole = z.infer<typeof UserRole>;

export const MIN_PASSWORD_CHARS = 12;
export const MAX_PASSWORD_CHARS = 128;

/** Any e-mail address; its letters' case does not matter. */
export const Email = z.email({ error: 'must be an e-mail address' }).max(254, 'must have at most 254 characters');

/** A password somebody chooses. */
export const NewPassword = text(MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS).refine((password) => password.trim() !== '', {
  error: 'must not be blank',
});

export const UserName = shownName(128);

export const User = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    role: UserRole,
    sees_payloads: z.boolean().describe('False: payloads and outputs of workloads are withheld, and what targets answered to monitors.'),
    version: z.int().describe('Grows with every change; give it back with an update to change only what you saw.'),
    has_password: z.boolean().describe('False: signs in through the identity provider only.'),
    created_at: z.string(),
    disabled_at: z.string().nullable(),
    last_sign_in_at: z.string().nullable(),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

export const CreateUserInput = z.strictObject({
  email: Email,
  name: UserName.optional(),
  role: UserRole,
  password: NewPassword.optional().describe('Without one, the person signs in through the identity provider.'),
  sees_payloads: z.boolean().default(true),
});
export type CreateUserInput = z.infer<typeof CreateUserInput>;

export const ListUsersInput = z.strictObject({ limit: limit(100, 500), cursor: Cursor.optional() });
export type ListUsersInput = z.infer<typeof ListUsersInput>;
export const ListUsersOutput = z.object({ items: z.array(User), next_cursor: z.string().nullable() });
export type ListUsersOutput = z.infer<typeof ListUsersOutput>;

export const GetUserInput = z.strictObject({ id: Id });
export type GetUserInput = z.infer<typeof GetUserInput>;

export const UpdateUserInput = z.strictObject({
  id: Id,
  version: z.int().min(1).optional().describe('Refused as CONFLICT when the user has changed since.'),
  name: UserName.nullable().optional(),
  role: UserRole.optional(),
  is_disabled: z.boolean().optional().describe('True ends every session of the person at once.'),
  sees_payloads: z.boolean().optional(),
});
export type UpdateUserInput = z.infer<typeof UpdateUserInput>;

export const SetPasswordInput = z.strictObject({ id: Id, password: NewPassword });
export type SetPasswordInput = z.infer<typeof SetPasswordInput>;
