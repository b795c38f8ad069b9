import { hash } from 'node:crypto';
import type { AuditDraft } from '../ports/audit.ts';

/** An entry as it is stored, `details` as text. */
export interface StoredEntry extends AuditDraft {
  readonly position: number;
  readonly at: string;
}

/** The hash before the first entry. */
export const NO_HASH = '0'.repeat(64);

/** Every field in a fixed order, under the hash of the entry before: no field can change alone. */
export function entryHash(previous: string, entry: StoredEntry): string {
  const { position, at, actor_kind, actor_id, actor_name, address, action, target, outcome, item_count, request_id, details } = entry;
  const fields = [position, at, actor_kind, actor_id, actor_name, address, action, target, outcome, item_count, request_id, details];
  return hash('sha256', `${previous}\n${JSON.stringify(fields)}`, 'hex');
}
