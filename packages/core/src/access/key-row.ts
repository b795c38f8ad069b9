/** The columns of a key that may be shown; the hash is not among them. */
export const KEY_COLUMNS = ['id', 'name', 'role', 'created_at', 'expires_at', 'revoked_at', 'last_used_at'] as const;
