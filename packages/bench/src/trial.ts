export const SUBJECTS = [
  'tidemark',
  'tidemark-http',
  'tidemark-single',
  'tidemark-uncounted',
  'tidemark-pglite',
  'pg-boss',
  'pg-boss-batched',
  'pg-boss-pglite',
  'graphile-worker',
  'graphile-worker-tuned',
  'bullmq-redis',
  'bullmq-postgres',
  'raw',
] as const;
export type SubjectName = (typeof SUBJECTS)[number];

export const VERBS = ['lifecycle', 'create', 'checkpoint', 'latency', 'stats', 'decay', 'idle', 'uptime', 'record', 'limit'] as const;
/** What a subject is asked to do; not every subject can do everything. */
export type Verb = (typeof VERBS)[number];

export interface Params {
  /** Jobs, calls or samples. */
  readonly n: number;
  /** Calls in flight: agents, concurrent handlers, or connections. */
  readonly agents: number;
  /** Jobs per call, lease or statement. */
  readonly lease: number;
  /** Rows already in the table (stats); how often the measurement is repeated within one process. */
  readonly rows?: number;
  /** Rows of the table it is compared with. */
  readonly small_rows?: number;
  readonly repeats?: number;
}

/** One thing to measure: `name` and `subject` together identify it in goals and results. */
export interface Trial {
  readonly name: string;
  readonly subject: SubjectName;
  readonly verb: Verb;
  readonly params: Params;
  /** Too expensive to prepare anew for each round: the process repeats the measurement itself. */
  readonly is_once?: boolean;
}

/** What the process of a subject is handed. */
export interface TrialRequest {
  readonly trial: Trial;
  /** A fresh, empty database. */
  readonly postgres_url: string;
  readonly redis_url: string | null;
  /** A fresh folder that is removed afterwards. */
  readonly scratch_dir: string;
  /** Where a CPU profile of a server the subject starts goes; null without profiling. */
  readonly profile_dir: string | null;
}

/** One number. `name`, `subject` and `round` are the trial's unless told. */
export interface Measure {
  readonly name?: string;
  readonly subject?: string;
  readonly round?: number;
  readonly value: number;
  readonly unit: Unit;
  readonly n: number;
  readonly p50?: number;
  readonly p99?: number;
}

export type Unit = 'jobs/s' | 'calls/s' | 'ms' | 'queries/s' | 'syncs/s' | 'rows/s';

export interface Outcome {
  readonly measures: readonly Measure[];
  /** What the verification found wrong, in sentences: any of it voids the numbers. */
  readonly problems: readonly string[];
}

export type Perform = (request: TrialRequest) => Promise<Outcome>;
/** What a subject can do; a verb it lacks is not measured for it. */
export type Subject = Partial<Readonly<Record<Verb, Perform>>>;
