import type { AlertPolicy } from '../monitors/contract.ts';

/** A counted run, as the confirmation of outages sees it. `at` is its start in epoch milliseconds. */
export interface Observation {
  readonly run_id: string;
  readonly at: number;
  readonly passed: boolean;
  readonly error: string | null;
}

export type Side = 'up' | 'down';
export type ConfirmPolicy = Pick<AlertPolicy, 'confirm_failures' | 'confirm_of' | 'recover_passes'>;

/** What is known of a monitor's side: the confirmed one, and the last observations, oldest first. */
export interface Observed {
  readonly side: Side | null;
  readonly recent: readonly Observation[];
}

/** A confirmed change of side, dated back to where it began; `streak` holds the observations that show it, oldest first. */
export interface SideChange {
  readonly side: Side;
  readonly at: number;
  readonly streak: readonly Observation[];
}

/** How many observations are kept beyond those a policy looks at: what came before a streak, and room for late ones. */
const KEPT_BEFORE = 3;

/** They are rewritten with every run, so no more are kept than may be looked at; a policy that begins to ask for more waits for them. */
function keptBy(policy: ConfirmPolicy): number {
  return Math.max(policy.confirm_of ?? policy.confirm_failures, policy.recover_passes) + KEPT_BEFORE;
}

function order(left: Observation, right: Observation): number {
  return left.at - right.at || (left.run_id < right.run_id ? -1 : 1);
}

/** The observations at the end that all have this outcome. */
function trailing(recent: readonly Observation[], passed: boolean): readonly Observation[] {
  const last = recent.findLastIndex((entry) => entry.passed !== passed);
  return recent.slice(last + 1);
}

function downSince(recent: readonly Observation[], policy: ConfirmPolicy): readonly Observation[] | null {
  const failures = trailing(recent, false);
  if (policy.confirm_of === null) return failures.length >= policy.confirm_failures ? failures : null;
  if (failures.length === 0) return null;
  const window = recent.slice(-policy.confirm_of);
  const failed = window.filter((entry) => !entry.passed);
  const [first] = failed;
  return first !== undefined && failed.length >= policy.confirm_failures ? window.slice(window.indexOf(first)) : null;
}

function upSince(recent: readonly Observation[], policy: ConfirmPolicy): readonly Observation[] | null {
  const passes = trailing(recent, true);
  if (passes.length < policy.recover_passes) return null;
  if (policy.confirm_of === null) return passes;
  const failed = recent.slice(-policy.confirm_of).filter((entry) => !entry.passed);
  // The run that made the failures too few is the last one, or the streak would have ended the outage before.
  return failed.length < policy.confirm_failures ? passes.slice(-policy.recover_passes) : null;
}

/**
 * Takes one more observation, in any order of arrival, and says whether it confirms a change of side. The side changes only after
 * as many failures or passes as the policy asks for, and then from the first of them on.
 * **Source:** the confirmation rules N of N and x of y with back-dating.
 */
export function observe(
  state: Observed,
  observation: Observation,
  policy: ConfirmPolicy,
): { readonly state: Observed; readonly change: SideChange | null } {
  const recent = [...state.recent, observation].sort(order).slice(-keptBy(policy));
  const isUnknown = state.side === null;
  if (state.side !== 'down') {
    const streak = downSince(recent, policy);
    const [first] = streak ?? [];
    if (streak !== null && first !== undefined) return { state: { side: 'down', recent }, change: { side: 'down', at: first.at, streak } };
  }
  const passes = state.side === 'up' ? null : isUnknown ? trailing(recent, true) : upSince(recent, policy);
  const [first] = passes ?? [];
  if (passes !== null && first !== undefined)
    return { state: { side: 'up', recent }, change: { side: 'up', at: first.at, streak: passes } };
  return { state: { side: state.side, recent }, change: null };
}
