import { observe, type ConfirmPolicy, type Observation, type Observed, type SideChange } from './observe.ts';

/** A stretch of one state, in epoch milliseconds; the last one has no end. */
export interface Segment {
  readonly state: 'up' | 'down' | 'unknown';
  readonly from: number;
  readonly to: number | null;
}

/** Replaces everything from `from` on. */
export interface TimelineEdit {
  readonly from: number;
  readonly segments: readonly Segment[];
}

export interface TimelineState extends Observed {
  /** Start of the latest run; what is observed holds from there until it is stale. */
  readonly last_at: number | null;
}

export interface TimelinePolicy extends ConfirmPolicy {
  /** How long an observation holds when no other follows. */
  readonly stale_ms: number;
}

export interface TimelineStep {
  readonly state: TimelineState;
  readonly edits: readonly TimelineEdit[];
  readonly change: SideChange | null;
}

const MINUTE_MS = 60_000;

/** How long a run speaks for a monitor: three intervals, or one interval and what a late run may take. */
export function staleMs(intervalMs: number, timeoutMs: number): number {
  return Math.max(3 * intervalMs, intervalMs + timeoutMs + MINUTE_MS);
}

/** Moves the timeline by one run. After a silence longer than `stale_ms` the time between is unknown, and streaks start anew. */
export function advance(state: TimelineState, run: Observation, policy: TimelinePolicy): TimelineStep {
  const edits: TimelineEdit[] = [];
  let observed: Observed = state;
  const silentFrom = state.last_at === null ? null : state.last_at + policy.stale_ms;
  if (silentFrom !== null && run.at > silentFrom) {
    observed = { side: state.side, recent: [] };
    const resumed: Segment[] = state.side === null ? [] : [{ state: state.side, from: run.at, to: null }];
    if (state.side !== null) edits.push({ from: silentFrom, segments: [{ state: 'unknown', from: silentFrom, to: run.at }, ...resumed] });
  }
  const { state: next, change } = observe(observed, run, policy);
  if (change !== null) edits.push({ from: change.at, segments: [{ state: change.side, from: change.at, to: null }] });
  return { state: { ...next, last_at: Math.max(run.at, state.last_at ?? run.at) }, edits, change };
}

/** The timeline after an edit, as the table keeps it. */
export function applyEdit(timeline: readonly Segment[], edit: TimelineEdit): Segment[] {
  const kept = timeline.filter((segment) => segment.from < edit.from);
  const cut = kept.map((segment) => (segment.to === null || segment.to > edit.from ? { ...segment, to: edit.from } : segment));
  return [...cut, ...edit.segments];
}

/** The whole timeline of these runs, worked out from nothing: what the table must agree with. */
export function timelineOf(
  runs: readonly Observation[],
  policy: TimelinePolicy,
): { segments: Segment[]; state: TimelineState; changes: SideChange[] } {
  let state: TimelineState = { side: null, recent: [], last_at: null };
  let segments: Segment[] = [];
  const changes: SideChange[] = [];
  for (const run of runs.toSorted((left, right) => left.at - right.at || (left.run_id < right.run_id ? -1 : 1))) {
    const step = advance(state, run, policy);
    state = step.state;
    for (const edit of step.edits) segments = applyEdit(segments, edit);
    if (step.change !== null) changes.push(step.change);
  }
  return { segments, state, changes };
}
