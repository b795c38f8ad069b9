import type { Outcome, Params, Trial, Unit } from './trial.ts';

/** One line of results.jsonl. */
export interface Record {
  readonly case: string;
  readonly subject: string;
  readonly params: Params;
  readonly round: number;
  readonly value: number;
  readonly unit: Unit;
  readonly n: number;
  readonly p50?: number;
  readonly p99?: number;
  /** False voids the number. */
  readonly verified: boolean;
  readonly problems: readonly string[];
}

/** The lines of one trial; a trial that failed leaves one without a number. */
export function recordsOf(trial: Trial, round: number, outcome: Outcome): Record[] {
  const { problems } = outcome;
  const base = { case: trial.name, subject: trial.subject, params: trial.params, round, verified: problems.length === 0, problems };
  if (outcome.measures.length === 0) return [{ ...base, value: 0, unit: 'jobs/s', n: 0, verified: false }];
  return outcome.measures.map(({ name, ...measure }) => ({ ...base, ...measure, case: name ?? trial.name }));
}
