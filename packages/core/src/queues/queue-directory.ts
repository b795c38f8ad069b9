import type { Selectable } from 'kysely';
import type { QueueTable } from '../db/schema.ts';
import type { DatabaseHandle, QueueSettings, Queues } from '../ports/index.ts';

/** Seconds of the rate a bucket holds unless told otherwise. */
const DEFAULT_BURST_SECONDS = 1;

function toSettings(row: Selectable<QueueTable>): QueueSettings {
  const burst = row.rate_burst ?? Math.max(1, Math.floor(((row.rate_per_minute ?? 0) / 60) * DEFAULT_BURST_SECONDS));
  return {
    name: row.name,
    is_paused: row.is_paused,
    concurrency: row.concurrency,
    key_concurrency: row.key_concurrency,
    rate_per_minute: row.rate_per_minute,
    burst,
    is_limited: row.concurrency !== null || row.key_concurrency !== null || row.rate_per_minute !== null,
  };
}

/** The settings of queues, in memory for the claim path: few rows, read again when any server changes one. */
export class QueueDirectory implements Queues {
  readonly #database: DatabaseHandle;
  #byName = new Map<string, QueueSettings>();
  #version = 0;

  constructor(database: DatabaseHandle) {
    this.#database = database;
  }

  get version(): number {
    return this.#version;
  }

  find(name: string): QueueSettings | undefined {
    return this.#byName.get(name);
  }

  names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  async refresh(): Promise<void> {
    const rows = await this.#database.db.selectFrom('queue').selectAll().execute();
    this.#byName = new Map(rows.map((row) => [row.name, toSettings(row)]));
    this.#version += 1;
  }
}
