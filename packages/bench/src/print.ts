import type { Verdict } from './judge.ts';
import type { Record } from './records.ts';
import { median } from './subjects/timing.ts';

/** Three significant digits, thousands with commas. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export interface Row {
  readonly case: string;
  readonly subject: string;
  readonly unit: string;
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly rounds: number;
  readonly voided: number;
  readonly p99: number | null;
}

/** The rounds of each case and subject, in the order they were first measured. */
export function rowsOf(records: readonly Record[]): Row[] {
  const groups = Map.groupBy(records, (record) => `${record.case}\n${record.subject}`);
  return [...groups.values()].map((group) => {
    const valid = group.filter((record) => record.verified);
    const values = valid.map((record) => record.value);
    const [first] = valid.length > 0 ? valid : group;
    const slow = valid.map((record) => record.p99).filter((value) => value !== undefined);
    return {
      case: first?.case ?? '',
      subject: first?.subject ?? '',
      unit: first?.unit ?? '',
      n: first?.n ?? 0,
      min: Math.min(...values),
      median: median(values),
      max: Math.max(...values),
      rounds: values.length,
      voided: group.length - values.length,
      p99: slow.length === 0 ? null : median(slow),
    };
  });
}

export function lineOf(record: Record): string {
  const name = `${record.case}/${record.subject}`.padEnd(36);
  if (record.verified) return `${name} ${figure(record.value).padStart(9)} ${record.unit}\n`;
  return `${name}      void ${record.problems.map((problem) => problem.split('\n').slice(0, 6).join('\n')).join('; ')}\n`;
}

export function verdictLine(verdict: Verdict): string {
  const bound = `${verdict.bound === 'at least' ? '≥' : '≤'} ${verdict.must}`;
  const range = verdict.median === null ? '–' : `${figure(verdict.min ?? 0)} – ${figure(verdict.median)} – ${figure(verdict.max ?? 0)}`;
  return `${verdict.result.padEnd(10)} ${verdict.statement.padEnd(62)} ${bound.padEnd(8)} ${range}\n`;
}
