import type { Generated } from 'kysely';

/** `hash` is the SHA-256 of the secret part, in hex; limits are null where there is none. */
export interface ApiKeyTable {
  id: string;
  name: string;
  role: 'viewer' | 'operator' | 'admin' | 'worker';
  hash: string;
  family: string;
  queues: string[] | null;
  kinds: string[] | null;
  sees_payloads: Generated<boolean>;
  created_by: string | null;
  replaced_by: string | null;
  created_at: Generated<string>;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

/** `password` is null for who signs in through the identity provider only. */
export interface UserAccountTable {
  id: string;
  email: string;
  name: string | null;
  role: 'viewer' | 'operator' | 'admin';
  password: string | null;
  oidc_subject: string | null;
  sees_payloads: Generated<boolean>;
  version: Generated<number>;
  created_at: Generated<string>;
  disabled_at: string | null;
  last_sign_in_at: string | null;
}

export interface UserSessionTable {
  id: string;
  user_id: string;
  hash: string;
  address: string | null;
  user_agent: string | null;
  created_at: Generated<string>;
  last_seen_at: Generated<string>;
  expires_at: string;
  ended_at: string | null;
  end_reason: 'signed_out' | 'revoked' | 'password_changed' | 'role_changed' | 'disabled' | null;
}

export interface SetupLinkTable {
  hash: string;
  created_at: Generated<string>;
  expires_at: string;
}

/** `hash` is the digest of what the visitor's browser keeps. */
export interface ProviderVisitTable {
  hash: string;
  next: string;
  created_at: Generated<string>;
  expires_at: string;
}

export interface SetupClaimTable {
  is_done: Generated<boolean>;
  user_id: string;
  claimed_at: Generated<string>;
}

export interface SignInBudgetTable {
  subject: string;
  spent: number;
  resets_at: string;
}

/** `details` is JSON as text: what is hashed is what is stored. */
export interface AuditEntryTable {
  position: number;
  at: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string | null;
  address: string | null;
  action: string;
  target: string | null;
  outcome: string;
  item_count: Generated<number>;
  request_id: string | null;
  details: string | null;
  previous_hash: string;
  hash: string;
}

export interface AuditHeadTable {
  is_only: Generated<boolean>;
  position: number;
  hash: string;
}

export interface AccessTables {
  api_key: ApiKeyTable;
  user_account: UserAccountTable;
  user_session: UserSessionTable;
  provider_visit: ProviderVisitTable;
  setup_link: SetupLinkTable;
  setup_claim: SetupClaimTable;
  sign_in_budget: SignInBudgetTable;
  audit_entry: AuditEntryTable;
  audit_head: AuditHeadTable;
}
