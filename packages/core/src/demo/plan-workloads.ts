import type { Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { HistoryEntry } from '../ports/index.ts';
import { DEMO_ACTIVITIES, HELD_ACTIVITY, SCHEDULED_ACTIVITY, type DemoActivity } from './activities.ts';
import { bustle, Dice } from './dice.ts';
import { live, type Lived } from './live-workload.ts';
import { HOUR_MS, MINUTE_MS, type Span } from './span.ts';

export type WorkloadRow = Partial<Selectable<Database['workload']>> & { id: string; lane_id: number; status: string; created_at: string };
export type AttemptRow = Partial<Selectable<Database['attempt']>>;

/** An event of the log of the workloads, with its time in epoch milliseconds. */
export interface PlannedEvent {
  readonly at: number;
  readonly item: { readonly type: string; readonly [field: string]: unknown };
}

/** What a worker reported, and of which type it is. */
export interface PlannedReport extends HistoryEntry {
  readonly worker_type: string;
}

export interface WorkloadPlan {
  readonly workloads: WorkloadRow[];
  readonly attempts: AttemptRow[];
  readonly events: PlannedEvent[];
  readonly reports: PlannedReport[];
}

const HELD_COUNT = 14;
const SCHEDULED_COUNT = 9;

/** When workloads of an activity were created: more by day, fewer at weekends. */
function* arrivals(dice: Dice, activity: DemoActivity): Generator<number> {
  const { span } = dice;
  for (let hour = span.from; hour < span.now; hour += HOUR_MS) {
    const mean = (activity.per_day / 24) * bustle(hour) * 1.15;
    const count = Math.floor(mean + dice.next());
    for (let index = 0; index < count; index += 1) {
      const at = hour + Math.floor(dice.next() * HOUR_MS);
      if (at < span.now - MINUTE_MS) yield at;
    }
  }
}

function add(plan: WorkloadPlan, lived: Lived): void {
  plan.workloads.push(lived.workload);
  plan.attempts.push(...lived.attempts);
  plan.events.push(...lived.events);
  plan.reports.push(...lived.reports);
}

/** Work that waits: behind a paused queue, and for a time to come. */
function addWaiting(plan: WorkloadPlan, laneOf: (activity: DemoActivity) => number, span: Span): void {
  const dice = new Dice(span, 'waiting');
  for (let index = 0; index < HELD_COUNT; index += 1) {
    const created = span.now - dice.whole(6 * MINUTE_MS, 3 * HOUR_MS);
    add(plan, live({ activity: HELD_ACTIVITY, lane: laneOf(HELD_ACTIVITY), created, waits: 'held' }, dice));
  }
  for (let index = 0; index < SCHEDULED_COUNT; index += 1) {
    const created = span.now - dice.whole(5 * MINUTE_MS, 5 * HOUR_MS);
    add(plan, live({ activity: SCHEDULED_ACTIVITY, lane: laneOf(SCHEDULED_ACTIVITY), created, waits: 'scheduled' }, dice));
  }
}

/** A month of work with its attempts, its part of the log (oldest first) and what the workers reported of it. */
export function planWorkloads(laneOf: (activity: DemoActivity) => number, span: Span): WorkloadPlan {
  const plan: WorkloadPlan = { workloads: [], attempts: [], events: [], reports: [] };
  for (const activity of DEMO_ACTIVITIES) {
    const dice = new Dice(span, activity.lane.kind);
    const lane = laneOf(activity);
    for (const created of arrivals(dice, activity)) {
      const lived = live({ activity, lane, created, waits: null }, dice);
      // What would not be over by now did not happen: nothing of the past still runs.
      if (lived.ended < span.now) add(plan, lived);
    }
  }
  addWaiting(plan, laneOf, span);
  plan.workloads.sort((left, right) => (left.id < right.id ? -1 : 1));
  plan.events.sort((left, right) => left.at - right.at);
  plan.reports.sort((left, right) => (left.accepted_at < right.accepted_at ? -1 : 1));
  return plan;
}
