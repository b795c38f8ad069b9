import type { CoreContext } from '../ports/index.ts';
import { MONITOR_STATES, type MonitorState, type StateCounts } from './contract.ts';
import { stateOf, type StateRow } from './monitor-row.ts';

export interface RankedMonitor {
  readonly id: string;
  readonly name: string;
  readonly state: MonitorState;
}

/** Where a state stands among those that need attention; the worst is 0. */
function urgencyOf(state: MonitorState): number {
  return MONITOR_STATES.indexOf(state);
}

export function byUrgency(left: RankedMonitor, right: RankedMonitor): number {
  return urgencyOf(left.state) - urgencyOf(right.state) || left.name.localeCompare(right.name) || (left.id < right.id ? -1 : 1);
}

/** How many monitors are in each state. */
export function countStates(monitors: readonly Pick<RankedMonitor, 'state'>[]): StateCounts {
  const by_state = { down: 0, unknown: 0, maintenance: 0, up: 0, paused: 0 };
  for (const { state } of monitors) by_state[state] += 1;
  return by_state;
}

/**
 * Monitors in the order of urgency, and how many are in each state. A state depends on the time, on planned work and on cron, so it is
 * worked out here, from the few columns that decide over it: a few milliseconds for thousands.
 */
export async function rankMonitors(
  ctx: CoreContext,
  rows: readonly (StateRow & { readonly name: string })[],
): Promise<{ ranked: RankedMonitor[]; by_state: StateCounts }> {
  const maintenance = await ctx.database.db.selectFrom('maintenance').selectAll().execute();
  const surroundings = { maintenance, now_ms: ctx.now() };
  const ranked = rows.map((row) => ({ id: row.id, name: row.name, state: stateOf(row, surroundings) }));
  return { ranked: ranked.toSorted(byUrgency), by_state: countStates(ranked) };
}
