import { hash } from 'node:crypto';

/** An entry as it is stored, `details` as text. */
export interface StoredEntry {
  readonly position: number;
  readonly at: string;
  readonly actor_kind: string;
  readonly actor_id: string | null;
  readonly actor_name: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly item_count: number;
  readonly request_id: string | null;
  readonly details: string | null;
}

/** The hash before the first entry. */
export const NO_HASH = '0'.repeat(64);

/** Every field in a fixed order, under the hash of the entry before: no field can change alone. */
export function entryHash(previous: string, entry: StoredEntry): string {
  const { position, at, actor_kind, actor_id, actor_name, address, action, target, outcome, item_count, request_id, details } = entry;
  const fields = [position, at, actor_kind, actor_id, actor_name, address, action, target, outcome, item_count, request_id, details];
  return hash('sha256', `${previous}\n${JSON.stringify(fields)}`, 'hex');
}
