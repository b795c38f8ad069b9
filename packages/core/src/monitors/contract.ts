import * as z from 'zod';
import { Cursor, Id, limit, shownName, text, TimeZone } from '../contract.ts';
import { HttpUrl, Step, Steps } from '../steps/contract.ts';

export const MONITOR_TYPES = ['synthetic', 'heartbeat'] as const;
export const MonitorType = z.enum(MONITOR_TYPES);
export const MonitorStatus = z.enum(['active', 'paused']);
export type MonitorStatus = z.infer<typeof MonitorStatus>;
export const LastResult = z.enum(['passed', 'failed']);
export type LastResult = z.infer<typeof LastResult>;
/** What needs attention first. */
export const MONITOR_STATES = ['down', 'unknown', 'maintenance', 'up', 'paused'] as const;
export const MonitorState = z.enum(MONITOR_STATES);
export type MonitorState = z.infer<typeof MonitorState>;

export const DEFAULT_INTERVAL_SECONDS = 60;
const MAX_INTERVAL_SECONDS = 2_592_000;

/** Five or six fields; the server checks that it can ever be due. */
export const CronText = text(128, 1);
export const Tags = z.array(text(64, 1).regex(/^[^,\s]+$/, 'must not contain spaces or commas')).max(50);

/** When an outage is told, and to whom. */
export const AlertPolicy = z
  .strictObject({
    channel_ids: z.array(Id).max(20).default([]),
    confirm_failures: z.int().min(1).max(10).default(1).describe('Failed runs that open an outage; it is dated back to the first of them.'),
    confirm_of: z
      .int()
      .min(1)
      .max(20)
      .nullable()
      .default(null)
      .describe('Null: the failures must follow each other. A number y: `confirm_failures` of the last y runs.'),
    recover_passes: z
      .int()
      .min(1)
      .max(10)
      .default(1)
      .describe('Passed runs in a row that resolve an outage; it is resolved at the first of them.'),
    reopen_within_seconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(0)
      .describe('A new failure this soon after a recovery reopens the outage, silently.'),
    remind_every_minutes: z
      .int()
      .min(1)
      .max(10_080)
      .nullable()
      .default(null)
      .describe('Repeats the notice while the outage is open and not acknowledged.'),
  })
  .refine((policy) => policy.confirm_of === null || policy.confirm_of >= policy.confirm_failures, {
    error: 'must not be less than confirm_failures',
    path: ['confirm_of'],
  })
  .meta({ id: 'AlertPolicy' });
export type AlertPolicy = z.infer<typeof AlertPolicy>;
export const DEFAULT_ALERT: AlertPolicy = AlertPolicy.parse({});

const Definition = {
  name: shownName(200),
  type: MonitorType,
  url: HttpUrl.nullable(),
  steps: Steps,
  interval_seconds: z.int().min(5).max(MAX_INTERVAL_SECONDS).nullable().describe('Seconds from one run to the next; null with `cron`.'),
  cron: CronText.nullable(),
  timezone: TimeZone,
  grace_seconds: z.int().min(0).max(MAX_INTERVAL_SECONDS).describe('Heartbeat monitors: how late a ping may be.'),
  timeout_ms: z.int().min(100).max(600_000).describe('Limit of one try.'),
  retries: z.int().min(0).max(10).describe('Further tries inside a run; they are not runs.'),
  status: MonitorStatus,
  tags: Tags,
  public: z.boolean().describe('Shown by the badges and the status page data without a key.'),
  alert: AlertPolicy,
  degraded_ms: z.int().min(1).max(600_000).nullable().describe('A passed run that took longer is degraded; it counts as passed.'),
  slo_target_pct: z.number().gt(0).lt(100).nullable(),
  parent_id: Id.nullable().describe('While the parent has an open outage, notices of this one are held back; its data is not.'),
};

interface Shape {
  readonly type?: string | undefined;
  readonly url?: string | null | undefined;
  readonly interval_seconds?: number | null | undefined;
  readonly cron?: string | null | undefined;
}

/** Rules between fields, for create and update alike: what does not fit, by field. */
export function definitionProblems(monitor: Shape): readonly { readonly path: string; readonly message: string }[] {
  const problems: { path: string; message: string }[] = [];
  const hasUrl = monitor.url !== undefined && monitor.url !== null;
  if (monitor.type !== 'heartbeat' && !hasUrl) problems.push({ path: 'url', message: 'is needed' });
  const hasInterval = monitor.interval_seconds !== undefined && monitor.interval_seconds !== null;
  const hasCron = monitor.cron !== undefined && monitor.cron !== null;
  if (hasInterval && hasCron) problems.push({ path: 'cron', message: 'must not be given together with interval_seconds' });
  return problems;
}

export const CreateMonitorInput = z
  .strictObject({
    id: Id.optional().describe('An id of your own, such as one from an earlier deployment.'),
    name: Definition.name,
    type: Definition.type.default('synthetic'),
    url: Definition.url.optional(),
    steps: Definition.steps.default([]).describe('Without steps: one GET that expects 2xx or 3xx.'),
    interval_seconds: Definition.interval_seconds.optional().describe('Default 60, unless `cron` is given.'),
    cron: Definition.cron.optional(),
    timezone: Definition.timezone.default('UTC'),
    grace_seconds: Definition.grace_seconds.default(60),
    timeout_ms: Definition.timeout_ms.default(30_000),
    retries: Definition.retries.default(0),
    status: Definition.status.default('active'),
    tags: Definition.tags.default([]),
    public: Definition.public.default(false),
    alert: AlertPolicy.default(DEFAULT_ALERT),
    degraded_ms: Definition.degraded_ms.default(null),
    slo_target_pct: Definition.slo_target_pct.default(null),
    parent_id: Definition.parent_id.default(null),
  })
  .superRefine((input, context) => {
    for (const { path, message } of definitionProblems(input)) context.addIssue({ code: 'custom', path: [path], message });
  });
export type CreateMonitorInput = z.infer<typeof CreateMonitorInput>;

const { type: _fixed, ...changeable } = Definition;
export const UpdateMonitorInput = z.strictObject({ test_id: Id, ...z.strictObject(changeable).partial().shape });
export type UpdateMonitorInput = z.infer<typeof UpdateMonitorInput>;

/** A scheduled check and how it stands. */
export const Monitor = z
  .object({
    id: z.string(),
    name: z.string(),
    type: MonitorType,
    url: z.string().nullable(),
    steps: z.array(Step),
    interval_seconds: z.int().nullable(),
    cron: z.string().nullable(),
    timezone: z.string(),
    grace_seconds: z.int(),
    timeout_ms: z.int(),
    retries: z.int(),
    status: MonitorStatus,
    tags: z.array(z.string()),
    public: z.boolean(),
    alert: AlertPolicy,
    degraded_ms: z.int().nullable(),
    slo_target_pct: z.number().nullable(),
    parent_id: z.string().nullable(),
    ping_key: z.string().nullable().describe('Heartbeat monitors: the secret part of the address to ping. Null for viewers.'),
    state: MonitorState.describe('As confirmed by the alert policy.'),
    last_result: LastResult.nullable(),
    last_run_at: z.string().nullable(),
    last_run_id: z.string().nullable(),
    next_run_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Monitor' });
export type Monitor = z.infer<typeof Monitor>;

export const MonitorInput = z.strictObject({ test_id: Id });
export const ListMonitorsInput = z.strictObject({
  status: MonitorStatus.optional(),
  last_result: LastResult.optional(),
  tag: text(64, 1).optional(),
  q: text(200, 1).optional().describe('Part of the name, the address or the id.'),
  type: MonitorType.optional(),
  state: z.union([MonitorState, z.array(MonitorState).max(5)]).optional(),
  ids: z.array(Id).max(200).optional().describe('Only these.'),
  order: z.enum(['newest', 'urgent']).default('newest').describe('`urgent`: down, unknown, in maintenance, up, paused; then by name.'),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListMonitorsInput = z.infer<typeof ListMonitorsInput>;
/** How many monitors are in each state. */
export const StateCounts = z.object({ down: z.int(), unknown: z.int(), maintenance: z.int(), up: z.int(), paused: z.int() });
export type StateCounts = z.infer<typeof StateCounts>;
export const ListMonitorsOutput = z.object({
  items: z.array(Monitor),
  next_cursor: z.string().nullable(),
  total: z.int(),
  by_state: StateCounts.nullable().describe('With `order` `urgent`: how many are in each state, of all that match but for `state`.'),
});
export type ListMonitorsOutput = z.infer<typeof ListMonitorsOutput>;

export const CloneMonitorInput = z.strictObject({ test_id: Id, name: Definition.name.optional() });
export type CloneMonitorInput = z.infer<typeof CloneMonitorInput>;
export const RunMonitorInput = z.strictObject({
  test_id: Id,
  wait: z.boolean().default(false).describe('Answer with the finished run instead of at once.'),
});
export type RunMonitorInput = z.infer<typeof RunMonitorInput>;
export const RunStarted = z.object({ run_id: z.string(), workload_id: z.string() }).meta({ id: 'RunStarted' });
export type RunStarted = z.infer<typeof RunStarted>;
/** A run that has not ended. */
export const OpenRun = z.object({
  run_id: z.string(),
  test_id: z.string(),
  workload_id: z.string().nullable(),
  triggered_by: z.string(),
  created_at: z.string(),
});
export type OpenRun = z.infer<typeof OpenRun>;
export const ListOpenRunsOutput = z.object({ items: z.array(OpenRun) });

export const TryMonitorInput = z
  .strictObject({
    url: Definition.url.optional(),
    steps: Definition.steps.default([]),
    timeout_ms: z.int().min(100).max(60_000).default(30_000),
  })
  .superRefine((input, context) => {
    if (input.steps.length === 0 && (input.url ?? null) === null) context.addIssue({ code: 'custom', path: ['url'], message: 'is needed' });
  });
export type TryMonitorInput = z.infer<typeof TryMonitorInput>;

export const Deleted = z.object({ id: z.string(), deleted: z.literal(true) });

export const PingInput = z.strictObject({
  ping_key: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/, 'is not the key of a heartbeat'),
  status: z.enum(['ok', 'fail']).default('ok'),
  message: text(1000).optional(),
  duration_ms: z.int().min(0).max(31_622_400_000).optional(),
});
export type PingInput = z.infer<typeof PingInput>;
export const PingAnswer = z.object({ ok: z.literal(true), run_id: z.string() });
