import type { Run } from '@tidemark/core/runs/contract';
import { formatDuration } from '../duration.ts';
import type { Cli } from '../session.ts';
import { plain } from '../table.ts';

/** A result in its colour. */
export function styleResult(cli: Cli, result: 'passed' | 'failed' | null, text: string = result ?? 'pending'): string {
  return result === null ? text : cli.terminal.style(result === 'passed' ? 'green' : 'red', text);
}

/** A finished run in one line. */
export function runLine(cli: Cli, run: Run): string {
  const result = run.passed ? 'passed' : 'failed';
  const why = run.error === null ? '' : `: ${plain(run.error)}`;
  return `${styleResult(cli, result)} in ${formatDuration(run.duration_ms)}, ${run.steps_passed} of ${run.steps_total} steps${why}\n`;
}
