import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** A statement with a name, so that a connection parses and plans it once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs hot statements. Rows come back as objects, with the same values on every store (and through `db`): bigint and numeric as
 * numbers, timestamptz as ISO 8601 text with milliseconds and Z, jsonb parsed, json as text, arrays of these likewise.
 * @throws UNAVAILABLE when the database cannot be asked or did not answer; its refusals (constraints) pass through.
 */
export interface StatementRunner {
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/**
 * One dedicated connection for group commit. A call to `run` is one transaction of one statement.
 * `slot` is a small number no other living writer of any server has: two concurrent statements share no counter row. It may
 * change when a lost connection was made anew; SQL reads it as `current_setting('tidemark.writer_slot', true)`.
 */
export interface Writer extends StatementRunner {
  readonly slot: number;
  /** Several statements, all or nothing; inside it use only what `work` is handed. */
  transaction<Result>(work: (tx: StatementRunner) => Promise<Result>): Promise<Result>;
}

/** Tells the readers of every server that a topic has news. It only wakes: what is lost, the safety poll finds. */
export interface WakeBus {
  publish(topics: readonly string[]): void;
  /** `*` in the topics means "anything may have changed". Returns the way to stop listening. */
  subscribe(listener: (topics: readonly string[]) => void): () => void;
}

/** Differences between stores, asked instead of guessed. */
export interface DatabaseCapabilities {
  readonly engine: 'pglite' | 'postgres';
  /** An acknowledged write survives a power cut, not only a killed process. */
  readonly is_power_loss_safe: boolean;
  /** The store vacuums and analyses itself. */
  readonly has_autovacuum: boolean;
  /** More than one server process may use it at once. */
  readonly is_shared: boolean;
}

export interface DatabaseHandle {
  readonly capabilities: DatabaseCapabilities;
  /** Reads and rare transactions. Inside a transaction use only the transaction's handle. */
  readonly db: Kysely<Database>;
  /** Reads that are asked again and again, parsed and planned once per connection. */
  readonly reader: StatementRunner;
  readonly writers: readonly Writer[];
  readonly wake: WakeBus;
  /** @throws when the database does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /** VACUUM and ANALYZE where the store does not do it itself; otherwise nothing. */
  maintain(): Promise<void>;
  /** Waits for what is running; closing again changes nothing. */
  close(): Promise<void>;
}
