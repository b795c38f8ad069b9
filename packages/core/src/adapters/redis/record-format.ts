import { createHash } from 'node:crypto';
import type { RecordedRun } from '../../ports/history-store.ts';
import type { Incident, Run, TimingPoint } from '../../runs/contract.ts';

/** A score is seconds since 1970, as requirement 002 has it; a deployment that wrote milliseconds is understood. */
const LARGEST_SECONDS = 1e11;

/** The moment a score stands for, in epoch milliseconds. */
export function momentOf(score: number): number {
  return score > LARGEST_SECONDS ? Math.floor(score) : Math.floor(score * 1000 + 0.0005);
}

const iso = (ms: number): string => new Date(ms).toISOString();

type Fields = Readonly<Record<string, unknown>>;

export function parseObject(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function countOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.max(0, Math.round(number)) : null;
}

/** A time in the form all answers have; null for what is none. Times without a zone are UTC. */
export function timeOf(value: unknown): string | null {
  if (typeof value === 'number') return iso(momentOf(value));
  if (typeof value !== 'string' || value === '') return null;
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(value);
  const ms = Date.parse(hasZone ? value : `${value}Z`);
  return Number.isNaN(ms) ? null : iso(ms);
}

function passedOf(fields: Fields): boolean | null {
  const said = fields['passed'] ?? fields['success'] ?? fields['status'];
  if (typeof said === 'boolean') return said;
  if (said === 'true' || said === 'True' || said === 'passed' || said === 1) return true;
  return said === 'false' || said === 'False' || said === 'failed' || said === 0 ? false : null;
}

/** An id for a record that has none: the same whenever it is read. */
const UNNAMED = 'earlier-';
export function nameOf(member: string): string {
  return UNNAMED + createHash('sha1').update(member).digest('hex').slice(0, 16);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A run from a member of `results`; null when it does not say whether it passed. Fields that are missing get what follows from the others. */
export function parseRun(member: string, score: number): Run | null {
  const fields = parseObject(member);
  const passed = fields === null ? null : passedOf(fields);
  if (fields === null || passed === null) return null;
  const started_at = timeOf(fields['started_at']) ?? iso(momentOf(score));
  const duration_ms = countOf(fields['duration_ms']) ?? 0;
  const steps = listOf(fields['step_results']);
  const stepsTotal = countOf(fields['steps_total']) ?? steps.length;
  return {
    run_id: textOf(fields['run_id']) ?? nameOf(member),
    passed,
    duration_ms,
    steps_passed: countOf(fields['steps_passed']) ?? (passed ? stepsTotal : 0),
    steps_total: stepsTotal,
    details: textOf(fields['details']) ?? '',
    step_results: steps,
    error: textOf(fields['error']),
    triggered_by: textOf(fields['triggered_by']) ?? 'unknown',
    started_at,
    completed_at: timeOf(fields['completed_at']) ?? iso(Date.parse(started_at) + duration_ms),
    attempts: countOf(fields['attempts']) ?? 1,
    is_flaky: fields['is_flaky'] === true,
    is_degraded: fields['is_degraded'] === true,
    is_excluded: false,
    workload_id: textOf(fields['workload_id']),
    worker_id: textOf(fields['worker_id']),
    artifacts: listOf(fields['artifacts']),
  };
}

/** The member of `results` for a run. `run_id` comes first, so that members of one score are in its order. */
export function formatRun(run: RecordedRun): string {
  return JSON.stringify({
    run_id: run.run_id,
    passed: run.passed,
    duration_ms: run.duration_ms,
    steps_passed: run.steps_passed,
    steps_total: run.steps_total,
    details: run.details,
    step_results: run.step_results,
    error: run.error,
    triggered_by: run.triggered_by,
    started_at: run.started_at,
    completed_at: run.completed_at,
    attempts: run.attempts,
    is_flaky: run.is_flaky,
    is_degraded: run.is_degraded,
    workload_id: run.workload_id,
    worker_id: run.worker_id,
    ...(run.artifacts.length === 0 ? {} : { artifacts: run.artifacts }),
  });
}

/** A point from a member of `timing`: `duration_ms:run_id`, or the bare duration an earlier deployment wrote. */
export function parseTiming(member: string, score: number): TimingPoint | null {
  const split = member.indexOf(':');
  const duration_ms = countOf(split < 0 ? member : member.slice(0, split));
  return duration_ms === null ? null : { timestamp: iso(momentOf(score)), duration_ms, run_id: split < 0 ? null : member.slice(split + 1) };
}

/** An entry of `incidents`; null when it is not readable. */
export function parseIncident(testId: string, entry: string): Incident | null {
  const fields = parseObject(entry);
  if (fields === null) return null;
  return {
    run_id: textOf(fields['run_id']) ?? nameOf(entry),
    test_id: testId,
    error: textOf(fields['error']),
    details: textOf(fields['details']) ?? '',
    started_at: timeOf(fields['started_at']) ?? iso(0),
    alert_sent: fields['alert_sent'] === true || fields['alert_sent'] === 'true',
  };
}

export function formatIncident(run: RecordedRun): string {
  const { run_id, test_id, error, details, started_at } = run;
  return JSON.stringify({ run_id, test_id, error, details, started_at, alert_sent: false });
}
