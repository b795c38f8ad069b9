import { sql } from 'kysely';

/** The columns of a person that may be shown; neither password nor subject is among them. */
export const USER_COLUMNS = [
  'id',
  'email',
  'name',
  'role',
  'sees_payloads',
  'version',
  'created_at',
  'disabled_at',
  'last_sign_in_at',
  sql<boolean>`password is not null`.as('has_password'),
] as const;

/** Addresses are compared in lower case and composed form. */
export function normalEmail(email: string): string {
  return email.normalize('NFC').toLowerCase();
}
