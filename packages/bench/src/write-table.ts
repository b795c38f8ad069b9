import type { Verdict } from './judge.ts';
import { figure, rowsOf } from './print.ts';
import type { Run, Summary } from './results.ts';

const SUBJECT_NOTES: readonly (readonly [string, string])[] = [
  ['tidemark', 'the engine in the measuring process, as the server runs it: leases, events, attempts and counters'],
  ['tidemark-http', 'the server as it ships, keys required; agents in another process, a keep-alive connection each'],
];

function goalRow(verdict: Verdict): string {
  const bound = `${verdict.bound === 'at least' ? '≥' : '≤'} ${verdict.must}`;
  const cells = [verdict.statement, bound, ...[verdict.min, verdict.median, verdict.max].map((value) => (value === null ? '–' : figure(value))), verdict.result];
  return `| ${cells.join(' | ')} |`;
}

/** docs/performance.md: goals first, then every number, then how it was done. */
export function writeTable(run: Run, summary: Summary): string {
  return `${SUBJECT_NOTES.length}${rowsOf(run.records).length}${summary.goals.map(goalRow).join('\n')}`;
}
