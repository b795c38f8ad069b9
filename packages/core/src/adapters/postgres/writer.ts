import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { asUnavailable, isConnectionError } from '../../db/connection-error.ts';
import type { DatabaseLogger } from '../../db/logger.ts';
import { runStatement, runTransaction } from '../../db/statement.ts';
import { AppError } from '../../errors.ts';
import type { Statement, StatementRunner, Writer } from '../../ports/database.ts';

/** Advisory lock class of the writer slots; any constant will do as long as every server uses the same. */
const SLOT_LOCK_CLASS = 1_953_064_037;
const MAX_SLOTS = 1024;
/** Waits between the tries of one reconnection; the last failure is the caller's. */
const RECONNECT_WAITS_MS = [0, 100, 400] as const;
/** Calls queued behind a failed reconnection share its error instead of waiting in turn for their own. */
const FAIL_FAST_MS = 500;

/** Hot statements drive primary-key nested loops from arrays: other plans cost 2–11× and grow with the table. */
const PLAN_SETTINGS = `
  set plan_cache_mode = force_generic_plan; set enable_hashjoin = off;
  set enable_mergejoin = off; set enable_seqscan = off`;

/** The first free slot, the wanted one before all others. The scan stops at the first lock it gets. */
const TAKE_SLOT = `
  select slot, set_config('tidemark.writer_slot', slot::text, false)
  from (select n as slot from (select $2::int as n union all select * from generate_series(0, $3::int)) as candidate
        where pg_try_advisory_lock($1::int, n) limit 1) as taken`;

export class PostgresWriter implements Writer {
  readonly #config: pg.ClientConfig;
  readonly #logger: DatabaseLogger;
  #client: pg.Client | null = null;
  #slot = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #lastFailure: { at: number; error: unknown } | null = null;

  constructor(config: pg.ClientConfig, logger: DatabaseLogger) {
    this.#config = config;
    this.#logger = logger;
  }

  /** May change when the connection had to be made anew: read it once per statement. */
  get slot(): number {
    return this.#slot;
  }

  run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return this.#enqueue((client) => runStatement<Row>(client, statement, values));
  }

  transaction<Result>(work: (tx: StatementRunner) => Promise<Result>): Promise<Result> {
    return this.#enqueue((client) => runTransaction(client, work));
  }

  /** Connects and takes a slot, so that the first call finds both. @throws UNAVAILABLE */
  async connect(): Promise<void> {
    await this.#enqueue(() => Promise.resolve());
  }

  /** Waits for the calls already queued. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#queue;
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #enqueue<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new AppError('UNAVAILABLE', 'The database connection is closed.'));
    const result = this.#queue.then(() => this.#perform(work));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #perform<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = this.#client ?? (await this.#reconnect());
    try {
      return await work(client);
    } catch (error) {
      const cause = error instanceof AppError && error.code === 'UNAVAILABLE' ? error.cause : undefined;
      // The transaction status also catches a session left inside a transaction that could not be rolled back.
      if ((cause !== undefined && isConnectionError(cause)) || client.getTransactionStatus() !== 'I') this.#drop(client, cause);
      throw error;
    }
  }

  async #reconnect(): Promise<pg.Client> {
    const last = this.#lastFailure;
    if (last !== null && performance.now() - last.at < FAIL_FAST_MS) throw last.error;
    let failure: unknown;
    for (const wait of RECONNECT_WAITS_MS) {
      if (wait > 0) await delay(wait);
      try {
        this.#client = await this.#open();
        this.#lastFailure = null;
        return this.#client;
      } catch (error) {
        failure = asUnavailable(error);
        // A refusal (wrong password, no such database) will be the same next time.
        if (failure === error) break;
      }
    }
    this.#lastFailure = { at: performance.now(), error: failure };
    throw failure;
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    client.on('error', (error) => this.#drop(client, error));
    client.on('end', () => this.#drop(client, null));
    try {
      await client.connect();
      await client.query(PLAN_SETTINGS);
      const { rows } = await client.query<{ slot: number }>(TAKE_SLOT, [SLOT_LOCK_CLASS, this.#slot, MAX_SLOTS - 1]);
      const taken = rows[0];
      if (taken === undefined) throw new AppError('UNAVAILABLE', `All ${MAX_SLOTS} writer slots of this database are taken.`);
      this.#slot = taken.slot;
      return client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  #drop(client: pg.Client, cause: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#logger.warn({ err: cause, slot: this.#slot }, 'a writer lost its database connection; the next call makes a new one');
    void client.end().catch(() => undefined);
  }
}
