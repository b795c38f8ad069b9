import { csvOf } from '../csv.ts';
import type { CoreContext } from '../ports/index.ts';
import { xlsxOf } from '../xlsx.ts';
import type { ExportPublicationsInput, Publication } from './contract.ts';
import { listPublications } from './list-publications.ts';

/** Fields of a new publication, and what only the system says of one. */
export const EXPORT_COLUMNS = [
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

function reader(ctx: CoreContext, input: ExportPublicationsInput) {
  return (cursor: string | undefined) => listPublications(ctx, { ...input, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
}

/**
 * Publications as CSV (RFC 4180), newest first, a page of lines at a time: memory does not grow with them. Cells that a spreadsheet
 * would run as formulas are text. @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export function exportPublications(ctx: CoreContext, input: ExportPublicationsInput, signal: AbortSignal): AsyncGenerator<string, void> {
  return csvOf(EXPORT_COLUMNS, reader(ctx, input), signal);
}

/** The same as an XLSX file, in pieces of base64. @throws {AppError} as `exportPublications` */
export function exportWorkbook(ctx: CoreContext, input: ExportPublicationsInput, signal: AbortSignal): AsyncGenerator<string, void> {
  return xlsxOf(EXPORT_COLUMNS, reader(ctx, input), signal);
}
