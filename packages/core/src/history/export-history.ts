import { csvOf } from '../csv.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExportHistoryInput, WorkerHistory } from './contract.ts';
import { listHistory } from './list-history.ts';

const COLUMNS = [
  'id',
  'worker_id',
  'worker_type',
  'job_id',
  'event',
  'keys_scanned',
  'duration_ms',
  'keys_per_second',
  'started_at',
  'is_clock_suspect',
  'finished_at',
] as const satisfies readonly (keyof WorkerHistory)[];

const PAGE = 500;

/**
 * The history as CSV (RFC 4180), newest first, a page of lines at a time: memory does not grow with it.
 * @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export function exportHistory(ctx: CoreContext, input: ExportHistoryInput, signal: AbortSignal): AsyncGenerator<string, void> {
  return csvOf(COLUMNS, (cursor) => listHistory(ctx, { ...input, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }), signal);
}
