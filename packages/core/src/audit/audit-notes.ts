import type { AuditDraft, AuditNotes, Logger } from '../ports/index.ts';

/** Notes of the same kind that come within this time become one entry. */
const LINGER_MS = 250;
/** Different kinds waiting at once; beyond it they are counted under one name, never dropped in silence. */
const MAX_KINDS = 1000;

function keyOf({ actor_kind, actor_id, address, action, outcome, details }: AuditDraft): string {
  return JSON.stringify([actor_kind, actor_id, address, action, outcome, details]);
}

/**
 * Entries that nobody waits for: refusals, and the creation of work, which must not be slowed down. Those of one actor, action
 * and outcome are counted together.
 */
export class NoteQueue implements AuditNotes {
  readonly #record: (draft: AuditDraft) => Promise<void>;
  readonly #log: Logger;
  #waiting = new Map<string, AuditDraft>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(record: (draft: AuditDraft) => Promise<void>, log: Logger) {
    this.#record = record;
    this.#log = log;
  }

  note(draft: AuditDraft): void {
    const isFull = this.#waiting.size >= MAX_KINDS;
    const counted = isFull
      ? { ...draft, actor_id: null, actor_name: null, address: null, action: 'others', target: null, details: null }
      : draft;
    const key = keyOf(counted);
    const known = this.#waiting.get(key);
    this.#waiting.set(key, known === undefined ? counted : { ...known, item_count: known.item_count + counted.item_count });
    this.#timer ??= setTimeout(() => void this.flush(), LINGER_MS).unref();
  }

  /** Resolves when everything noted so far is written. What cannot be written is logged. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const drafts = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#writing = Promise.all([this.#writing, ...drafts.map((draft) => this.#write(draft))]);
    await this.#writing;
  }

  async #write(draft: AuditDraft): Promise<void> {
    try {
      await this.#record(draft);
    } catch (error) {
      this.#log.error({ err: error, audit: draft }, 'an audit entry could not be written');
    }
  }
}
