import { AppError } from '../errors.ts';
import { csvCell } from '../history/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExportPublicationsInput, Publication } from './contract.ts';
import { listPublications } from './list-publications.ts';

const COLUMNS = [
  'id',
  'clip_id',
  'platform',
  'social_account_id',
  'campaign_id',
  'status',
  'sub_status',
  'requested_at',
  'scheduled_for',
  'published_at',
  'external_id',
  'error',
  'attempt',
  'wait_reason',
  'created_at',
] as const satisfies readonly (keyof Publication)[];

const PAGE = 200;

function line(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * Publications as CSV (RFC 4180), newest first, a page of lines at a time: memory does not grow with them. Cells that a spreadsheet
 * would run as formulas are text. @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export async function* exportPublications(
  ctx: CoreContext,
  input: ExportPublicationsInput,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  yield line(COLUMNS);
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listPublications>> = await listPublications(ctx, {
      ...input,
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    if (page.items.length > 0) yield page.items.map((row) => line(COLUMNS.map((column) => row[column]))).join('');
    cursor = page.next_cursor;
    // Ending here would pass half of it off as the whole.
    if (cursor !== null && signal.aborted) throw new AppError('UNAVAILABLE', 'The export was broken off before its end.');
  } while (cursor !== null);
}
