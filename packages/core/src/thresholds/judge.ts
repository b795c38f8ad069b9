import type { ThresholdLevel } from './contract.ts';

/** What a threshold says and where it stands. */
export interface ThresholdState {
  readonly is_upper: boolean;
  readonly warn: number | null;
  readonly crit: number | null;
  readonly recover: number | null;
  readonly for_seconds: number;
  readonly recover_seconds: number;
  /** Since when it is beyond a limit, beyond the worse one, and well while an alert is open. */
  readonly breach_since: string | null;
  readonly crit_since: string | null;
  readonly good_since: string | null;
  /** Of the open alert. */
  readonly open_level: ThresholdLevel | null;
}

export interface Judgement {
  readonly breach_level: ThresholdLevel | null;
  readonly breach_since: string | null;
  readonly crit_since: string | null;
  readonly good_since: string | null;
  readonly action: 'open' | 'escalate' | 'resolve' | null;
  /** The level an alert opens with. */
  readonly level: ThresholdLevel;
}

function lasts(since: string | null, at: string, seconds: number): boolean {
  return since !== null && Date.parse(at) - Date.parse(since) >= seconds * 1000;
}

function levelOf(state: ThresholdState, value: number | null): ThresholdLevel | null {
  const isBeyond = (limit: number | null): boolean =>
    value !== null && limit !== null && (state.is_upper ? value >= limit : value <= limit);
  if (isBeyond(state.crit)) return 'crit';
  return isBeyond(state.warn) ? 'warn' : null;
}

/** Nothing to measure is well: nothing waits, nothing failed. */
function isWell(state: ThresholdState, value: number | null): boolean {
  const limit = state.recover ?? state.warn ?? state.crit;
  return value === null || limit === null || (state.is_upper ? value < limit : value > limit);
}

/**
 * Judges one look at a metric: it opens an alert when it was beyond a limit for long enough, makes it worse once, and ends it when it
 * was well for long enough. Between two looks the metric is taken to have stayed as it was.
 */
export function judge(state: ThresholdState, value: number | null, at: string): Judgement {
  const breach_level = levelOf(state, value);
  const breach_since = breach_level === null ? null : (state.breach_since ?? at);
  const crit_since = breach_level === 'crit' ? (state.crit_since ?? at) : null;
  const good_since = state.open_level !== null && isWell(state, value) ? (state.good_since ?? at) : null;
  const isCrit = lasts(crit_since, at, state.for_seconds);
  const seen = { breach_level, breach_since, crit_since, good_since, level: isCrit ? ('crit' as const) : ('warn' as const) };
  if (state.open_level === null) return { ...seen, action: lasts(breach_since, at, state.for_seconds) ? 'open' : null };
  if (lasts(good_since, at, state.recover_seconds)) return { ...seen, good_since: null, action: 'resolve' };
  return { ...seen, action: state.open_level === 'warn' && isCrit ? 'escalate' : null };
}
