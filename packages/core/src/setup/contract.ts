import * as z from 'zod';
import { text } from '../contract.ts';
import { Email, NewPassword, UserName } from '../users/contract.ts';

/** How long a printed link works. */
export const SETUP_LINK_HOURS = 24;

export const CheckSetupInput = z.strictObject({ token: text(200, 1) });
export type CheckSetupInput = z.infer<typeof CheckSetupInput>;
export const CheckSetupOutput = z.object({ is_valid: z.boolean(), expires_at: z.string().nullable() }).meta({ id: 'SetupCheck' });
export type CheckSetupOutput = z.infer<typeof CheckSetupOutput>;

export const CompleteSetupInput = z.strictObject({
  token: text(200, 1).describe('From the link the server printed at its start.'),
  email: Email,
  name: UserName.optional(),
  password: NewPassword,
});
export type CompleteSetupInput = z.infer<typeof CompleteSetupInput>;
