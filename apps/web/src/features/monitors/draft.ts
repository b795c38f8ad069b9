import { CreateMonitorInput, TryMonitorInput } from '@tidemark/core/monitors/contract';
import type { Monitor } from '@tidemark/core/monitors/contract';
import type * as z from 'zod';
import { fromStep, toStep } from './step-draft.ts';
import type { StepDraft } from './step-draft.ts';

/** What the form holds: text as typed. */
export interface Draft {
  name: string;
  type: Monitor['type'];
  url: string;
  steps: StepDraft[];
  schedule: 'interval' | 'cron';
  interval_seconds: string;
  cron: string;
  timezone: string;
  grace_seconds: string;
  timeout_seconds: string;
  retries: string;
  degraded_ms: string;
  slo_target_pct: string;
  tags: string;
  public: boolean;
  channel_ids: string[];
}

export const EMPTY_DRAFT: Draft = {
  name: '',
  type: 'synthetic',
  url: '',
  steps: [],
  schedule: 'interval',
  interval_seconds: '60',
  cron: '',
  timezone: 'UTC',
  grace_seconds: '60',
  timeout_seconds: '30',
  retries: '0',
  degraded_ms: '',
  slo_target_pct: '',
  tags: '',
  public: false,
  channel_ids: [],
};

export function fromMonitor(monitor: Monitor): Draft {
  const text = (value: number | null): string => (value === null ? '' : String(value));
  return {
    name: monitor.name,
    type: monitor.type,
    url: monitor.url ?? '',
    steps: monitor.steps.map(fromStep),
    schedule: monitor.cron === null ? 'interval' : 'cron',
    interval_seconds: text(monitor.interval_seconds),
    cron: monitor.cron ?? '',
    timezone: monitor.timezone,
    grace_seconds: text(monitor.grace_seconds),
    timeout_seconds: text(monitor.timeout_ms / 1000),
    retries: text(monitor.retries),
    degraded_ms: text(monitor.degraded_ms),
    slo_target_pct: text(monitor.slo_target_pct),
    tags: monitor.tags.join(', '),
    public: monitor.public,
    channel_ids: monitor.alert.channel_ids,
  };
}

/** By path: `url`, `steps.0.assert.1.value`. */
export type Problems = Readonly<Record<string, string>>;
/** The problem of a field, or of anything inside it. */
export function problemAt(problems: Problems, path: string): string | undefined {
  const key = Object.keys(problems).find((entry) => entry === path || entry.startsWith(`${path}.`));
  return key === undefined ? undefined : problems[key];
}

export type DefinitionInput = Omit<z.output<typeof CreateMonitorInput>, 'id' | 'alert' | 'status' | 'parent_id'>;
export type DraftResult<Input> = { ok: true; input: Input } | { ok: false; problems: Problems };

/** Where a problem the contract reports stands in the form. */
const FIELDS: Record<string, string> = { timeout_ms: 'timeout_seconds' };

function numberOf(value: string): number | undefined {
  return value.trim() === '' ? undefined : Number(value);
}

function problemsOf(error: z.ZodError): Problems {
  const problems: Record<string, string> = {};
  for (const issue of error.issues) {
    const path = issue.path.map(String).join('.');
    problems[FIELDS[path] ?? path] ??= issue.message;
  }
  return problems;
}

/** An address typed without its scheme gets the usual one. */
function addressOf(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return /^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : `https://${trimmed}`;
}

/** Without a name of its own a monitor is called after the host it asks. */
function nameOf({ name, url }: Draft): string {
  if (name.trim() !== '') return name.trim();
  const address = addressOf(url);
  return address !== null && URL.canParse(address) ? new URL(address).host : '';
}

/** Turns the form into what the server takes, or says which fields do not fit. */
export function readDraft(draft: Draft): DraftResult<DefinitionInput> {
  const isHeartbeat = draft.type === 'heartbeat';
  const url = isHeartbeat ? null : addressOf(draft.url);
  const seconds = numberOf(draft.timeout_seconds);
  const parsed = CreateMonitorInput.safeParse({
    name: nameOf(draft),
    type: draft.type,
    url: url ?? (isHeartbeat ? null : undefined),
    steps: isHeartbeat ? [] : draft.steps.map(toStep),
    interval_seconds: draft.schedule === 'interval' ? numberOf(draft.interval_seconds) : null,
    cron: draft.schedule === 'cron' ? draft.cron.trim() : null,
    timezone: draft.timezone.trim(),
    grace_seconds: numberOf(draft.grace_seconds),
    timeout_ms: seconds === undefined ? undefined : Math.round(seconds * 1000),
    retries: numberOf(draft.retries),
    degraded_ms: numberOf(draft.degraded_ms) ?? null,
    slo_target_pct: numberOf(draft.slo_target_pct) ?? null,
    tags: draft.tags.split(/[\s,]+/).filter((tag) => tag !== ''),
    public: draft.public,
  });
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const { id: _id, alert: _alert, status: _status, parent_id: _parent, ...input } = parsed.data;
  return { ok: true, input };
}

/** What a trial run needs of it. */
export function readTrial(draft: Draft): DraftResult<z.output<typeof TryMonitorInput>> {
  const seconds = numberOf(draft.timeout_seconds) ?? 30;
  const parsed = TryMonitorInput.safeParse({
    url: addressOf(draft.url),
    steps: draft.steps.map(toStep),
    timeout_ms: Math.min(60_000, Math.round(seconds * 1000)),
  });
  return parsed.success ? { ok: true, input: parsed.data } : { ok: false, problems: problemsOf(parsed.error) };
}
