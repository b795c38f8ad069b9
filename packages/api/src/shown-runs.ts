import type { StreamEvent } from '@tidemark/core/events/contract';
import type { FailureGroup } from '@tidemark/core/failures/contract';
import type { ListOutagesOutput, Outage } from '@tidemark/core/outages/contract';
import type { Incident, LiveEvent, Run } from '@tidemark/core/runs/contract';
import type { Actor } from './actor.ts';

/** What is known of an answer without any of its words. */
const MEASURED = new Set<unknown>(['status', 'latency_ms', 'tls_days_left']);
/** Events of a run whose message may quote an answer; the others tell of the plan. */
const QUOTING = new Set(['step_complete', 'run_complete', 'log']);
const PLAIN_FIELDS = ['step_number', 'name', 'type', 'passed', 'duration_ms', 'phases'];

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function plainAssertion(assertion: unknown): object[] {
  if (!isRecord(assertion)) return [];
  const { source, path, op, expected, passed } = assertion;
  const isShown = MEASURED.has(source) && typeof assertion['actual'] === 'number';
  const actual = isShown ? { actual: assertion['actual'] } : { actual: null, is_withheld: true };
  return [{ source, ...(path === undefined ? {} : { path }), op, expected, ...actual, passed }];
}

function plainStep(step: unknown): object {
  if (!isRecord(step)) return {};
  const assertions = Array.isArray(step['assertions']) ? step['assertions'].flatMap(plainAssertion) : [];
  return { ...Object.fromEntries(PLAIN_FIELDS.filter((name) => name in step).map((name) => [name, step[name]])), error: null, assertions };
}

/** A run as who may not see outputs gets it: outcome, times and what was measured, no word of what the target answered. */
export function shownRun<Shown extends Omit<Run, 'step_results' | 'artifacts'>>(actor: Actor, run: Shown): Shown {
  if (actor.sees_payloads) return run;
  const withheld = ['details', 'error', 'step_results', 'artifacts'].filter((field) => field in run);
  const steps = 'step_results' in run && Array.isArray(run.step_results) ? { step_results: run.step_results.map(plainStep) } : {};
  const pictures = 'artifacts' in run ? { artifacts: [] } : {};
  return { ...run, ...steps, ...pictures, details: `${run.steps_passed} of ${run.steps_total} steps passed.`, error: null, withheld };
}

export function shownIncident(actor: Actor, incident: Incident): Incident {
  return actor.sees_payloads ? incident : { ...incident, details: '', error: null, withheld: ['details', 'error'] };
}

export function shownOutage(actor: Actor, outage: Outage): Outage {
  return actor.sees_payloads ? outage : { ...outage, error: null, withheld: ['error'] };
}

export function shownOutages(actor: Actor, page: ListOutagesOutput): ListOutagesOutput {
  return { ...page, items: page.items.map((outage) => shownOutage(actor, outage)) };
}

export function shownFailure(actor: Actor, group: FailureGroup): FailureGroup {
  if (actor.sees_payloads || group.domain !== 'monitor') return group;
  return { ...group, message: '', sample: '', withheld: ['message', 'sample'] };
}

/** The same event as the log keeps it, in the stream of its monitor. */
export function shownStepEvent(event: StreamEvent): StreamEvent {
  if (!QUOTING.has(event.type)) return event;
  const { run_id, step_number, passed } = event.data;
  return { ...event, data: { run_id, step_number, passed, message: '', is_withheld: true } };
}

function shownLiveEvent(actor: Actor, event: LiveEvent): LiveEvent {
  if (actor.sees_payloads || !QUOTING.has(event.type)) return event;
  return { ...event, message: '', data: { is_withheld: true } };
}

/** The live view of a monitor. */
export async function* shownLiveEvents(actor: Actor, events: AsyncIterable<LiveEvent>): AsyncGenerator<LiveEvent, void> {
  for await (const event of events) yield shownLiveEvent(actor, event);
}
