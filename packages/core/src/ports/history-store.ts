import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Incident, LiveEvent, Run, TimingPoint } from '../runs/contract.ts';
import type { StepEvent } from '../steps/contract.ts';

/** A finished run as it is handed to the store. Times are ISO 8601 with milliseconds; `started_at` places it. */
export interface RecordedRun extends Omit<Run, 'artifacts'> {
  readonly test_id: string;
  readonly attempts: number;
  readonly is_flaky: boolean;
  readonly is_degraded: boolean;
  readonly workload_id: string | null;
  readonly worker_id: string | null;
  readonly artifacts: readonly unknown[];
}

export interface RecordOptions {
  /** For runs of the past: nobody who follows the monitor is told. */
  readonly is_silent: boolean;
}

/** A part of a list, newest first by (`started_at`, `run_id`). `before` goes on after a known entry, in place of `offset`. */
export interface HistoryPage {
  readonly limit: number;
  readonly offset: number;
  readonly before?: { readonly started_at: string; readonly run_id: string } | undefined;
}

export interface RunFilter {
  readonly passed?: boolean | undefined;
  /** Started at this time or later, in epoch milliseconds. */
  readonly from?: number | undefined;
  /** Started before this time, in epoch milliseconds. */
  readonly to?: number | undefined;
  /** Leaves artifacts out where they would be read for themselves. */
  readonly without_artifacts?: boolean | undefined;
}

/** Counted runs of a window; excluded ones are in `excluded` only. */
export interface RunCounts {
  readonly total: number;
  readonly passed: number;
  readonly degraded: number;
  readonly flaky: number;
  readonly excluded: number;
  readonly duration_ms_sum: number;
}

/** Step events of one chunk of an agent's output; `epoch` and `seq` make it known when it comes again. */
export interface EventChunk {
  readonly workload_id: string;
  readonly epoch: number;
  readonly seq: number;
  readonly events: readonly StepEvent[];
}

/** The live events of monitors. */
export interface RunEvents {
  /** Appends each chunk once, in order, to the stream of the monitor whose run the workload is; others are left out. */
  append(chunks: readonly EventChunk[]): Promise<void>;
  /**
   * The last `replay` events, then every new one until `signal` aborts. With `after`, what came after that event; one event
   * of type `gap` first when that can no longer be told. @throws {AppError} UNAVAILABLE before it begins; later it waits for the store.
   */
  watch(asked: { test_id: string; after: string | null; replay: number }, signal: AbortSignal): Promise<AsyncGenerator<LiveEvent>>;
}

/** Counts of one bucket, or of the buckets of one stretch; `bucket_at` is its start. */
export interface RunBucket {
  readonly test_id: string;
  readonly bucket_at: string;
  readonly total: number;
  readonly passed: number;
  readonly degraded: number;
  readonly duration_ms_sum: number;
  readonly duration_ms_min: number;
  readonly duration_ms_max: number;
}

/** Runs of one class of durations within a bucket or stretch. */
export interface RunClass {
  readonly test_id: string;
  readonly bucket_at: string;
  readonly class: number;
  readonly count: number;
}

/** Buckets of one length that begin in [from, to), in epoch milliseconds. */
export interface BucketRange {
  readonly bucket_seconds: 300 | 3600 | 86_400;
  readonly from: number;
  readonly to: number;
  /** Adds buckets up per stretch of this length, counted from `from`. */
  readonly stretch_ms?: number;
}

/** Counts per 5 minutes, hour and day, kept with the writes: what a chart reads. */
export interface RunBuckets {
  /** In order of time per monitor; buckets without runs are left out. */
  list(testIds: readonly string[], range: BucketRange): Promise<RunBucket[]>;
  /** Hours and days only; empty for 5 minutes. */
  listClasses(testIds: readonly string[], range: BucketRange): Promise<RunClass[]>;
}

/** A monitor an earlier deployment left in the store. What it does not tell is null. */
export interface EarlierMonitor {
  readonly test_id: string;
  readonly name: string | null;
  readonly url: string | null;
  readonly status: 'active' | 'paused';
  readonly interval_seconds: number | null;
  readonly created_at: string | null;
  readonly last_result: 'passed' | 'failed' | null;
  readonly last_run_at: string | null;
}

/** Monitors that are known to the store only, because an earlier deployment wrote them. */
export interface EarlierMonitors {
  find(testId: string): Promise<EarlierMonitor | null>;
  /** Walks through the store in pages. */
  list(): AsyncGenerator<EarlierMonitor[]>;
}

/** What every store does alike with a run, handed to it by the nouns. */
export interface HistoryRules {
  /** The class of a duration in a histogram. */
  classOf(ms: number): number;
  /** The topic on which news of a monitor's live events are told. */
  topicOf(testId: string): string;
  /** The event that ends a run in the live view. */
  endOf(run: RecordedRun): { readonly type: string; readonly [field: string]: unknown };
  /** A live event from what a store holds, also where it holds text. */
  toLive(id: string, type: string, fields: Readonly<Record<string, unknown>> & { timestamp: string }): LiveEvent;
}

/** Where the history of monitors lives. Lists are newest first; `total` counts all entries, not the page. */
export interface HistoryStore {
  readonly capabilities: {
    /** What `record` writes is part of the caller's transaction. Otherwise it is written at once, and again writing changes nothing. */
    readonly is_transactional: boolean;
  };
  readonly events: RunEvents;
  readonly buckets: RunBuckets;
  /** Null where nobody else has written. */
  readonly earlier: EarlierMonitors | null;
  /** Removes what is no longer kept, in small batches; answers how many runs. Absent where retention knows the tables. */
  readonly prune?: () => Promise<number>;
  /** Records each run once by `run_id`, in any order, and appends its `run_complete` event unless told to be silent. */
  record(tx: Transaction<Database>, runs: readonly RecordedRun[], how?: RecordOptions): Promise<void>;
  /** Forgets a monitor. Idempotent. */
  remove(tx: Transaction<Database>, testId: string): Promise<void>;
  findRun(testId: string, runId: string): Promise<Run | null>;
  listRuns(testId: string, page: HistoryPage & RunFilter): Promise<{ runs: Run[]; total: number }>;
  listTiming(testId: string, page: HistoryPage): Promise<{ timing: TimingPoint[]; total: number }>;
  /** `alert_sent` is what the store itself knows; the ledger of deliveries may know more. */
  listIncidents(testId: string, page: HistoryPage): Promise<{ incidents: Incident[]; total: number }>;
  /** The counts of each monitor, in the order of the ids: one read, whatever their number. */
  countRuns(testIds: readonly string[], window: { from: number; to: number }): Promise<RunCounts[]>;
}
