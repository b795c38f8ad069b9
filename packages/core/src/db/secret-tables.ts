import type { Generated } from 'kysely';

/** A value only whoever holds the key with `key_id` can read. */
export interface SecretTable {
  name: string;
  key_id: string;
  sealed: string;
  created_at: Generated<string>;
  updated_at: Generated<string>;
}

export interface SecretTables {
  secret: SecretTable;
}
