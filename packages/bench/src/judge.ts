import type { Goal, Source } from './goals.ts';
import type { Record as Entry } from './records.ts';
import { median } from './subjects/timing.ts';

/** `unclear`: the machine was too busy to tell; measure again. `unmeasured`: a side is missing or void. */
export type Result = 'met' | 'missed' | 'unclear' | 'unmeasured';

export interface Verdict {
  readonly id: string;
  readonly statement: string;
  readonly bound: Goal['bound'];
  readonly must: number;
  readonly ratios: readonly number[];
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
  readonly result: Result;
}

/** A physical limit that moved this much between rounds says that something else used the machine. */
const MAX_LIMIT_SPREAD = 1.6;
/** A miss counts only when it is seen in this share of the rounds. */
const MISSED_SHARE = 2 / 3;

function valueAt(records: readonly Entry[], source: Source, round: number): number | null {
  const found = records.find(
    (entry) => entry.case === source.name && entry.subject === source.subject && entry.round === round && entry.verified,
  );
  return found === undefined || !Number.isFinite(found.value) ? null : found.value;
}

function ratioAt(goal: Goal, records: readonly Entry[], round: number): number | null {
  const over = valueAt(records, goal.over, round);
  if (over === null || goal.under.length === 0) return over;
  const values = goal.under.map((source) => valueAt(records, source, round)).filter((value) => value !== null);
  if (values.length < goal.under.length) return null;
  return over / (goal.bound === 'at least' ? Math.max(...values) : Math.min(...values));
}

function limitSpread(goal: Goal, records: readonly Entry[]): number {
  const isLimit = goal.under.some(({ subject }) => subject === 'raw' || subject === 'select-1');
  const values = isLimit
    ? goal.under
        .flatMap((source) => records.filter((entry) => entry.case === source.name && entry.subject === source.subject))
        .map((entry) => entry.value)
    : [];
  return values.length === 0 ? 1 : Math.max(...values) / Math.min(...values);
}

/** Takes the ratio of every round, then their median: the machine's moods hit both sides of a round alike. */
export function judge(goal: Goal, records: readonly Entry[]): Verdict {
  const rounds = [...new Set(records.map((entry) => entry.round))].sort((left, right) => left - right);
  const ratios = rounds.map((round) => ratioAt(goal, records, round)).filter((ratio) => ratio !== null);
  const base = { id: goal.id, statement: goal.statement, bound: goal.bound, must: goal.must, ratios };
  if (ratios.length === 0) return { ...base, min: null, median: null, max: null, result: 'unmeasured' };
  const isMet = (ratio: number): boolean => (goal.bound === 'at least' ? ratio >= goal.must : ratio <= goal.must);
  const middle = median(ratios);
  const misses = ratios.filter((ratio) => !isMet(ratio)).length;
  const isUnclear = limitSpread(goal, records) > MAX_LIMIT_SPREAD || (!isMet(middle) && misses < MISSED_SHARE * ratios.length);
  const result: Result = isUnclear ? 'unclear' : isMet(middle) ? 'met' : 'missed';
  return { ...base, min: Math.min(...ratios), median: middle, max: Math.max(...ratios), result };
}
