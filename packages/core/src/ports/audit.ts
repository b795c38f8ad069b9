/** What somebody did, before it has a place in the log. `details` is JSON as text. */
export interface AuditDraft {
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

/** Audit entries that no answer waits for. */
export interface AuditNotes {
  /** Never throws and never waits; alike entries of a moment become one. */
  note(draft: AuditDraft): void;
  /** Resolves when everything noted so far is written. */
  flush(): Promise<void>;
}

/** The audit log as callers see it. */
export interface AuditLog extends AuditNotes {
  /** Resolves once the entry is committed. @throws {AppError} UNAVAILABLE */
  record(draft: AuditDraft): Promise<void>;
}
