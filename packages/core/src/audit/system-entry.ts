import type { AuditDraft } from '../ports/audit.ts';

interface SystemChange {
  /** The procedure by which a person would have done it. */
  readonly action: string;
  readonly target: string;
  /** Field → [before, after]. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
  readonly reason: string;
}

/** An entry for what the server changed by itself, for which nobody called. */
export function systemEntry({ action, target, changes, reason }: SystemChange): AuditDraft {
  const details = JSON.stringify({ ...changes, reason: [null, reason] });
  const nobody = { actor_id: null, actor_name: null, address: null, request_id: null };
  return { ...nobody, actor_kind: 'system', action, target, outcome: 'done', item_count: 1, details };
}
