import * as z from 'zod';
import { Cursor, Id, Labels, limit, Name, text } from '../contract.ts';
import { Isolation, Progress } from '../workloads/contract.ts';

export const LIVENESS = ['online', 'late', 'lost', 'draining', 'stopped'] as const;
/** Derived from the age of the last heartbeat, never stored: online ≤ 2 beats, late ≤ 6, lost after. */
export const Liveness = z.enum(LIVENESS);
export type Liveness = z.infer<typeof Liveness>;

export const LEASE_MS = 30_000;
export const HEARTBEAT_MS = 10_000;

export const RegisterWorkerInput = z.strictObject({
  name: text(128, 1).refine((name) => name.trim() !== '', { error: 'must not be blank' }),
  worker_type: Name,
  version: text(64, 1),
  isolations: z.array(Isolation).min(1).max(4),
  kinds: z.array(Name).min(1).max(200),
  queues: z.array(Name).min(1).max(200).default(['default']).describe('`*` is not a name: list the queues, or leave it out for `default`.'),
  slots: z.int().min(1).max(10_000),
  labels: Labels.default({}),
  host: text(255).optional(),
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
  leases: z.array(z.strictObject({ job_id: Id, lease_epoch: z.int().min(0), progress: Progress.optional() })).max(10_000).default([]),
  draining: z.boolean().optional(),
  stopped: z.boolean().optional().describe('A clean sign-off.'),
  reported_at: z.string().max(64).optional().describe("The worker's own clock, to show its skew; never used to decide."),
});
export type HeartbeatInput = z.infer<typeof HeartbeatInput>;

export const HeartbeatOutput = z.object({
  renewed: z.array(z.string()).describe('Jobs whose lease was extended by `lease_ms`.'),
  stale: z.array(z.object({ job_id: z.string(), reason: z.string(), current_epoch: z.int().nullable() })).describe('Jobs this worker no longer holds: stop them.'),
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
    draining: z.boolean(),
    clock_skew_ms: z.int().nullable(),
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
