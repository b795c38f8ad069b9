import type { AuditLog } from './audit.ts';
import type { Commits } from './commits.ts';
import type { DatabaseHandle } from './database.ts';
import type { HistoryStore } from './history-store.ts';
import type { NoticeSender } from './notice-sender.ts';
import type { SecretKey } from './secret-keys.ts';

/** One distinct (queue, kind, isolation, required labels): the unit of claiming and counting. */
export interface Lane {
  readonly id: number;
  readonly queue: string;
  readonly kind: string;
  readonly isolation: string;
  readonly required_labels: Readonly<Record<string, string>>;
}

export type LaneKey = Omit<Lane, 'id'>;

/** The lanes, in memory: few rows, never deleted. */
export interface Lanes {
  /** Finds or creates; safe when several servers create the same one. */
  ensure(key: LaneKey): Promise<Lane>;
  /** The lane of a row just read; reads it when another server made it. */
  get(id: number): Promise<Lane>;
  /** The same, if it is in memory. */
  find(id: number): Lane | undefined;
  all(): readonly Lane[];
  /** Reads lanes other servers made. */
  refresh(): Promise<void>;
  /** Grows whenever a lane is added. */
  readonly version: number;
}

/** What an operator decided for a queue. */
export interface QueueSettings {
  readonly name: string;
  readonly is_paused: boolean;
  readonly concurrency: number | null;
  readonly key_concurrency: number | null;
  readonly rate_per_minute: number | null;
  /** Size of the token bucket. */
  readonly burst: number;
  readonly is_limited: boolean;
}

/** The settings of queues, in memory; a queue without settings has none. */
export interface Queues {
  find(name: string): QueueSettings | undefined;
  names(): readonly string[];
  refresh(): Promise<void>;
  /** Grows whenever settings were read again. */
  readonly version: number;
}

/** A leased workload as the database hands it out; JSON columns are text. */
export interface LeasedRow {
  id: string;
  lane_id: number;
  lease_epoch: number;
  attempt: number;
  worker_id: string;
  payload: string;
  labels: string | null;
  timeout_ms: number | null;
  checkpoint: string | null;
}

/** An agent in a long poll. `over`: the time is up; `look`: there may be work; a row: work that is already leased to it. */
export interface ParkedClaim {
  readonly outcome: Promise<'over' | 'look' | LeasedRow>;
  /** From now on new work of these lanes may be leased to it at creation. */
  offer(lanes: readonly number[]): void;
  cancel(): void;
}

/** A parked agent that is promised the workload being created. */
export interface Reservation {
  readonly worker: string;
  /** Hands it over; when the poll is gone by then, the lease is given back. */
  deliver(row: LeasedRow): void;
  /** There is nothing to hand over: the agent looks for itself. */
  giveBack(): void;
}

/** Agents waiting in a long poll, woken when one of their lanes may have work. */
export interface ParkedClaims {
  park(claim: { worker: string; lanes: readonly number[] }, ms: number, signal: AbortSignal | undefined): ParkedClaim;
  /** Takes one agent that offered itself for the lane; null when there is none. */
  reserve(lane: number): Reservation | null;
  wake(lanes: readonly number[] | '*'): void;
  /** Lets one worker look again: what it may take has changed. */
  wakeWorker(workerId: string): void;
  readonly count: number;
}

/** What a worker can take, in memory for the claim path. */
export interface WorkerCapabilities {
  readonly id: string;
  readonly name: string;
  readonly worker_type: string;
  readonly isolations: readonly string[];
  readonly kinds: readonly string[];
  readonly queues: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The line of keys it belongs to; null: the first worker key that uses it takes it over. */
  readonly key_family: string | null;
  readonly is_accepting: boolean;
}

export interface Roster {
  /** @throws {AppError} NOT_FOUND for a worker that never registered. */
  get(workerId: string): Promise<WorkerCapabilities>;
  forget(workerId: string | '*'): void;
}

/** Wakes readers of a stream; what it loses, the safety poll finds. */
export interface Hub {
  /** Says that these topics have news, here and on every other server. */
  publish(topics: readonly string[]): void;
  /** Calls back on news of a topic; returns the way to stop. */
  listen(topic: string, onNews: () => void): () => void;
}

/** An accepted report of an interval of work, as the history keeps it. */
export interface HistoryEntry {
  readonly worker_id: string;
  readonly job_id: string;
  readonly event: 'checkpoint' | 'complete' | 'fail';
  readonly keys_scanned: number | null;
  readonly duration_ms: number | null;
  /** As reported. */
  readonly started_at: string | null;
  /** The database's time of acceptance. */
  readonly accepted_at: string;
}

/** Writes history behind the caller's back: neither slow nor broken tables reach a report. */
export interface HistoryRecorder {
  /** Never throws and never waits. */
  record(entry: HistoryEntry): void;
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>;
}

export interface Logger {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** What the server's start decided about targets that are not public. */
export interface EgressDefaults {
  readonly allow: readonly string[];
  /** Reachable from this machine only: loopback is allowed until the first key exists. */
  readonly is_local: boolean;
}

/** Everything a verb may use. */
export interface CoreContext {
  readonly database: DatabaseHandle;
  readonly commits: Commits;
  readonly lanes: Lanes;
  readonly queues: Queues;
  readonly parked: ParkedClaims;
  readonly roster: Roster;
  readonly hub: Hub;
  readonly history: HistoryRecorder;
  /** The history of monitors. */
  readonly runs: HistoryStore;
  /** Null: notices wait in the ledger until a server with a way out takes them. */
  readonly notices: NoticeSender | null;
  readonly egress: EgressDefaults;
  /** Who changed what. */
  readonly audit: AuditLog;
  /** The first one seals; all of them open. Empty: secrets cannot be used. */
  readonly secretKeys: readonly SecretKey[];
  readonly log: Logger;
  /** The epoch of the log, part of every cursor; a restored backup starts a new one. */
  readonly logEpoch: string;
  /** This process's clock in epoch milliseconds: for ids and timers only. The database's clock decides. */
  now(): number;
}
