/** The columns of a key that may be shown; the hash is not among them. */
export const KEY_COLUMNS = [
  'id',
  'name',
  'role',
  'queues',
  'kinds',
  'sees_payloads',
  'created_by',
  'replaced_by',
  'created_at',
  'expires_at',
  'revoked_at',
  'last_used_at',
] as const;
