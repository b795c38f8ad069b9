import * as z from 'zod';
import { Counter, Cursor, Id, json, Labels, limit, Name, shownName, text } from '../contract.ts';
import { Isolation, Progress } from '../workloads/contract.ts';

export const LIVENESS = ['online', 'late', 'lost', 'draining', 'stopped'] as const;
/** Derived from the age of the last heartbeat, never stored: online ≤ 2 beats, late ≤ 6, lost after. */
export const Liveness = z.enum(LIVENESS);
export type Liveness = z.infer<typeof Liveness>;

export const LEASE_MS = 30_000;
export const HEARTBEAT_MS = 10_000;
export const MAX_SCHEMA_BYTES = 65_536;

export const RegisterWorkerInput = z.strictObject({
  name: shownName(128),
  worker_type: Name,
  version: text(64, 1),
  isolations: z.array(Isolation).min(1).max(4),
  kinds: z.array(Name).min(1).max(200),
  queues: z.array(Name).min(1).max(200).default(['default']).describe('`*` is not a name: list the queues, or leave it out for `default`.'),
  slots: z.int().min(1).max(10_000),
  labels: Labels.default({}),
  host: text(255).optional(),
  schemas: z
    .record(Name, json(MAX_SCHEMA_BYTES))
    .optional()
    .describe('JSON Schema of the payload per kind. Payloads are checked against the newest one when a workload is created.'),
  worker_id: Id.optional().describe('A worker that comes back says which one it was and keeps its id.'),
});
export type RegisterWorkerInput = z.infer<typeof RegisterWorkerInput>;

export const RegisterWorkerOutput = z.object({
  worker_id: z.string(),
  lease_ms: z.int(),
  heartbeat_ms: z.int(),
  server_time: z.string(),
});
export type RegisterWorkerOutput = z.infer<typeof RegisterWorkerOutput>;

export const HeartbeatInput = z.strictObject({
  worker_id: Id,
  leases: z
    .array(z.strictObject({ job_id: Id, lease_epoch: Counter, progress: Progress.optional() }))
    .max(10_000)
    .default([]),
  draining: z.boolean().optional(),
  stopped: z.boolean().optional().describe('A clean sign-off.'),
  reported_at: z.string().max(64).optional().describe("The worker's own clock, to show its skew; never used to decide."),
});
export type HeartbeatInput = z.infer<typeof HeartbeatInput>;

export const HeartbeatOutput = z.object({
  renewed: z.array(z.string()).describe('Jobs whose lease was extended by `lease_ms`.'),
  stale: z
    .array(z.object({ job_id: z.string(), reason: z.string(), current_epoch: z.int().nullable() }))
    .describe('Jobs this worker no longer holds: stop them.'),
  cancel: z.array(z.string()).describe('Jobs a person asked to cancel: stop them and report.'),
  drain: z.boolean().describe('A person asked this worker to drain.'),
  server_time: z.string(),
});
export type HeartbeatOutput = z.infer<typeof HeartbeatOutput>;

export const Worker = z
  .object({
    id: z.string(),
    name: z.string(),
    worker_type: z.string(),
    version: z.string(),
    host: z.string().nullable(),
    isolations: z.array(Isolation),
    kinds: z.array(z.string()),
    queues: z.array(z.string()),
    slots: z.int(),
    slots_used: z.int(),
    labels: z.record(z.string(), z.string()),
    liveness: Liveness,
    draining: z.boolean().describe('It says so itself, or a person asked for it: it takes nothing new.'),
    drain_requested: z.boolean().describe('A person asked it to finish what it holds and take nothing new.'),
    quarantined: z.boolean().describe('A person closed it off: it gets no job, also after a restart; what it holds it may finish.'),
    session: z.int().describe('Counts its registrations.'),
    held_jobs: z.array(z.string()).describe('Jobs it holds now; of a lost worker also those whose lease ran out under it. At most 100.'),
    is_slow: z.boolean().describe('Its keys per second of the last five minutes are under half of the median of its type.'),
    stuck_jobs: z
      .array(z.string())
      .describe('Jobs it holds and reported progress of, but none for the last 12 heartbeats, though it is alive.'),
    clock_skew_ms: z
      .int()
      .nullable()
      .describe("Its clock minus the database's at the last heartbeat that told the time, in milliseconds; null when none did."),
    registered_at: z.string(),
    last_heartbeat_at: z.string(),
    stopped_at: z.string().nullable(),
  })
  .meta({ id: 'Worker' });
export type Worker = z.infer<typeof Worker>;

export const ListWorkersInput = z.strictObject({ liveness: Liveness.optional(), limit: limit(100, 500), cursor: Cursor.optional() });
export type ListWorkersInput = z.infer<typeof ListWorkersInput>;
export const ListWorkersOutput = z.object({ items: z.array(Worker), next_cursor: z.string().nullable() });
export type ListWorkersOutput = z.infer<typeof ListWorkersOutput>;

export const GetWorkerInput = z.strictObject({ id: Id });
export const WorkerActionInput = z.strictObject({ id: Id });
export type WorkerActionInput = z.infer<typeof WorkerActionInput>;
export const ForgetWorkerOutput = z.object({ id: z.string(), forgotten: z.literal(true) });
export type ForgetWorkerOutput = z.infer<typeof ForgetWorkerOutput>;

export const SESSION_ENDS = ['stopped', 'lost', 'replaced', 'forgotten'] as const;
/** One registration of a worker, from start to end. */
export const WorkerSession = z
  .object({
    worker_id: z.string(),
    session: z.int().describe('Counts from 1.'),
    worker_type: z.string(),
    version: z.string(),
    host: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    slots: z.int(),
    started_at: z.string(),
    ended_at: z.string().nullable().describe('Null while it lasts; of a lost one its last heartbeat.'),
    end_reason: z
      .enum(SESSION_ENDS)
      .nullable()
      .describe(
        '`stopped`: signed off; `lost`: silent for more than 6 heartbeats; `replaced`: registered again; `forgotten`: removed by a person.',
      ),
    lost_jobs: z.array(z.string()).describe('Jobs whose lease ran out under it, oldest first; the last 100.'),
  })
  .meta({ id: 'WorkerSession' });
export type WorkerSession = z.infer<typeof WorkerSession>;

export const ListWorkerSessionsInput = z.strictObject({ id: Id, limit: limit(50, 200), cursor: Cursor.optional() });
export type ListWorkerSessionsInput = z.infer<typeof ListWorkerSessionsInput>;
export const ListWorkerSessionsOutput = z.object({ items: z.array(WorkerSession), next_cursor: z.string().nullable() });
export type ListWorkerSessionsOutput = z.infer<typeof ListWorkerSessionsOutput>;

export const WatchWorkerInput = z.strictObject({ id: Id, lastEventId: z.string().max(128).nullish() });
/** What a worker should hear before its next heartbeat; the heartbeat's answer stays the truth. */
export const WorkerDirectives = z
  .object({
    type: z.literal('worker.directives'),
    worker_id: z.string(),
    drain: z.boolean().describe('Take nothing new.'),
    cancel: z.array(z.string()).describe('Jobs to stop.'),
  })
  .meta({ id: 'WorkerDirectives' });
export type WorkerDirectives = z.infer<typeof WorkerDirectives>;
